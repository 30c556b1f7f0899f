using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Website;

/// <summary>Goal: however an object is written, it points at a place in its bucket or a URL of the web, or at nothing.</summary>
public sealed class RedirectLocationTests
{
    private const string Header = "x-amz-website-redirect-location";

    private static readonly string[] Written = ["put", "copy", "post"];

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/a", 200)]
    [InlineData("http://a", 200)]
    [InlineData("https://a", 200)]
    [InlineData("a", 400)]
    [InlineData("ftp://a", 400)]
    [InlineData("javascript:alert(1)", 400)]
    [InlineData("http:/a", 400)]
    public void It_begins_with_a_slash_or_a_protocol_of_the_web(string location, int status) => GatewayRig.Run(async rig =>
    {
        string code = status == 200 ? "" : "InvalidRedirectLocation";
        (await rig.SendAsync("PUT", "/bucket/source", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?acl", "", ("x-amz-acl", "public-read-write"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/put", "x", (Header, location))).Is(status, code);
        (await rig.SendAsync("PUT", "/bucket/copy", "", ("x-amz-copy-source", "bucket/source"), (Header, location))).Is(status, code);
        (await rig.SendAsync("POST", "/bucket/parts?uploads", "", (Header, location))).Is(status, code);
        (await PostAsync(rig, location)).Is(status == 200 ? 204 : status, code);
        foreach (string key in Written)
        {
            TestAnswer head = await rig.SendAsync("HEAD", $"/bucket/{key}", "");
            Assert.Equal((status == 200 ? 200 : 404, status == 200 ? location : null), (head.Status, head[Header]));
        }
    });

    [Fact]
    public void A_copy_has_the_one_of_its_request() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/source", "x", (Header, "/a"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/plain", "", ("x-amz-copy-source", "bucket/source"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/other", "", ("x-amz-copy-source", "bucket/source"), (Header, "/b"))).Is(200);
        Assert.Null((await rig.SendAsync("HEAD", "/bucket/plain"))[Header]);
        Assert.Equal("/b", (await rig.SendAsync("HEAD", "/bucket/other"))[Header]);
    });

    [Fact]
    public void It_has_two_kilobytes_at_most() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", (Header, "/" + new string('x', 2047)))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/key", "x", (Header, "/" + new string('x', 2048)))).Is(400, "InvalidRedirectLocation");
        (await rig.SendAsync("PUT", "/bucket/key", "x", (Header, "/" + new string('€', 683)))).Is(400, "InvalidRedirectLocation");
    });

    private static Task<TestAnswer> PostAsync(GatewayRig rig, string location)
    {
        string form = $"--edge\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\npost\r\n--edge\r\nContent-Disposition: form-data; name=\"{Header}\"\r\n\r\n{location}\r\n"
            + $"--edge\r\nContent-Disposition: form-data; name=\"acl\"\r\n\r\nbucket-owner-full-control\r\n"
            + "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--edge--\r\n";
        return rig.SendAsync("POST", "/bucket", Encoding.UTF8.GetBytes(form), GatewayRig.Nobody, ("Content-Type", "multipart/form-data; boundary=edge"));
    }
}

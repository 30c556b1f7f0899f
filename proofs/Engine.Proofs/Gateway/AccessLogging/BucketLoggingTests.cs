using System;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System.Xml.Linq;
using Xunit;
using static ObjectStore.Engine.Proofs.Gateway.AccessLogging.LogReader;

namespace ObjectStore.Engine.Proofs.Gateway.AccessLogging;

/// <summary>Goal: logging is switched on where it can work, and only there.</summary>
public sealed class BucketLoggingTests
{
    private const string Refused = "InvalidTargetBucketForLogging";
    private const string Owned = "<TargetGrants><Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></TargetGrants>";

    [Fact]
    public void It_is_switched_on_told_and_switched_off() => GatewayRig.Run(async rig =>
    {
        await MakeTargetAsync(rig);
        Assert.Empty((await rig.SendAsync("GET", "/bucket?logging")).Xml.Elements());
        (await rig.SendAsync("PUT", "/bucket?logging", Document(prefix: " a/ "))).Is(200);
        TestAnswer told = await rig.SendAsync("GET", "/bucket?logging");
        Assert.Equal((Target, " a/ "), (told.All("TargetBucket").Single(), told.All("TargetPrefix").Single()));
        (await rig.SendAsync("PUT", "/bucket?logging", "<BucketLoggingStatus xmlns=\"http://doc.s3.amazonaws.com/2006-03-01\" />")).Is(200);
        Assert.Empty((await rig.SendAsync("GET", "/bucket?logging")).Xml.Elements());
        (await rig.SendAsync("PUT", "/bucket?logging", null, GatewayRig.Bob)).Is(403, "AccessDenied");
    });

    [Theory]
    [InlineData("<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket></LoggingEnabled></BucketLoggingStatus>")]
    [InlineData("<BucketLoggingStatus><LoggingEnabled><TargetPrefix>logs</TargetPrefix></LoggingEnabled></BucketLoggingStatus>")]
    [InlineData("<BucketLoggingStatus><LoggingEnabled><TargetBucket/><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>")]
    [InlineData("<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>")]
    [InlineData("<BucketLoggingStatus><Logging/></BucketLoggingStatus>")]
    [InlineData("<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix/></LoggingEnabled><LoggingEnabled/></BucketLoggingStatus>")]
    [InlineData("<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetBucket>logs</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>")]
    [InlineData("<Other/>")]
    public void Documents_that_are_none_are_refused(string document) => GatewayRig.Run(async rig =>
    {
        await MakeTargetAsync(rig);
        (await rig.SendAsync("PUT", "/bucket?logging", document)).Is(400, "MalformedXML");
    });

    [Theory]
    [InlineData("<Other/>")]
    [InlineData("<TargetObjectKeyFormat/>")]
    [InlineData("<TargetObjectKeyFormat><SimplePrefix/><PartitionedPrefix/></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><SimplePrefix><PartitionDateSource>EventTime</PartitionDateSource></SimplePrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>Noon</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><OtherPrefix/></TargetObjectKeyFormat>")]
    [InlineData("<TargetGrants><Other/></TargetGrants>")]
    [InlineData("<TargetGrants><Grant><Grantee><ID>x</ID></Grantee><Permission>READ_ACP</Permission></Grant></TargetGrants>")]
    [InlineData("<TargetGrants><Grant><Permission>READ</Permission></Grant></TargetGrants>")]
    [InlineData("<TargetGrants><Grant><Grantee><DisplayName>x</DisplayName></Grantee><Permission>READ</Permission></Grant></TargetGrants>")]
    [InlineData("<TargetGrants><Grant><Grantee><Name>x</Name></Grantee><Permission>READ</Permission></Grant></TargetGrants>")]
    public void What_S3_does_not_know_is_refused(string more) => GatewayRig.Run(async rig =>
    {
        await MakeTargetAsync(rig);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(more))).Is(400, "MalformedXML");
        Assert.Empty((await rig.SendAsync("GET", "/bucket?logging")).Xml.Elements());
    });

    [Theory]
    [InlineData("<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix/></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>DeliveryTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    public void Formats_of_keys_are_kept(string format) => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig, format);
        XElement told = (await rig.SendAsync("GET", "/bucket?logging")).Xml.Descendants("TargetObjectKeyFormat").Single();
        Assert.Equal(
            XElement.Parse(format).Descendants().Select(static element => (element.Name.LocalName, element.Value)),
            told.Descendants().Select(static element => (element.Name.LocalName, element.Value)));
    });

    [Fact]
    public void Grantees_are_known_and_shown_by_their_ids() => GatewayRig.Run(async rig =>
    {
        await MakeTargetAsync(rig);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Grant("<EmailAddress>nobody@test</EmailAddress>")))).Is(400, "UnresolvableGrantByEmailAddress");
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Grant("<ID>unknown</ID>")))).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Grant("<URI>http://group</URI>")))).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Grant("<EmailAddress>bob@test</EmailAddress>")))).Is(200);
        TestAnswer told = await rig.SendAsync("GET", "/bucket?logging");
        Assert.Equal((GatewayRig.Bob.CanonicalId, "bob"), (told.All("ID").Single(), told.All("DisplayName").Single()));
        Assert.Empty(told.All("EmailAddress"));
        Assert.Contains("xsi:type=\"CanonicalUser\"", told.Text, StringComparison.Ordinal);

        static string Grant(string grantee) => $"<TargetGrants><Grant><Grantee>{grantee}</Grantee><Permission>READ</Permission></Grant></TargetGrants>";
    });

    [Theory]
    [InlineData(99, 200)]
    [InlineData(100, 400)]
    public void Grants_are_as_many_as_an_acl_has_room_for(int count, int status) => GatewayRig.Run(async rig =>
    {
        await MakeTargetAsync(rig);
        string grants = string.Concat(Enumerable.Repeat($"<Grant><Grantee><ID>{GatewayRig.Bob.CanonicalId}</ID></Grantee><Permission>READ</Permission></Grant>", count));
        (await rig.SendAsync("PUT", "/bucket?logging", Document($"<TargetGrants>{grants}</TargetGrants>"))).Is(status);
    });

    [Fact]
    public void A_target_is_there_belongs_to_the_owner_and_can_take_logs() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(400, Refused);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(target: "No Bucket"))).Is(400, Refused);
        (await rig.SendAsync("PUT", "/bobs", null, GatewayRig.Bob)).Is(200);
        (await rig.SendAsync("PUT", "/bobs?acl", null, GatewayRig.Bob, ("x-amz-acl", "log-delivery-write"))).Is(200);
        TestAnswer foreign = await rig.SendAsync("PUT", "/bucket?logging", Document(target: "bobs"));
        foreign.Is(400, Refused);
        Assert.Equal("bobs", foreign.All("TargetBucket").Single());
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"), ("x-amz-acl", "log-delivery-write"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(target: "locked"))).Is(400, Refused);
        await MakeTargetAsync(rig);
        (await rig.SendAsync("PUT", $"/{Target}?requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(400, Refused);
        (await rig.SendAsync("PUT", $"/{Target}?requestPayment", "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(prefix: new string('p', 1000)))).Is(400, "KeyTooLongError");
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(200);

        // Who may do everything logs into a bucket of the source's owner.
        (await rig.SendAsync("PUT", "/bucket?logging", Encoding.UTF8.GetBytes(Document()), GatewayRig.Root)).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Encoding.UTF8.GetBytes(Document(target: "bobs")), GatewayRig.Root)).Is(400, Refused);
    });

    [Fact]
    public void Where_acls_count_the_target_lets_logs_in() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/{Target}")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(400, Refused);
        await GrantAsync("x-amz-grant-write");
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(400, Refused);
        await GrantAsync("x-amz-grant-read-acp");
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(400, Refused);
        await GrantAsync("x-amz-grant-full-control");
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(200);
        (await rig.SendAsync("PUT", $"/{Target}?acl", "", ("x-amz-acl", "log-delivery-write"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Owned))).Is(200);
        (await rig.SendAsync("PUT", $"/{Target}?acl", "", ("x-amz-acl", "public-read-write"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(400, Refused);

        // A policy does as well, where it is for the prefix.
        (await rig.SendAsync("PUT", $"/{Target}?policy", PolicyFor("a/"))).Is(204);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(prefix: "a/"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(prefix: "b/"))).Is(400, Refused);

        async Task GrantAsync(string header) =>
            (await rig.SendAsync("PUT", $"/{Target}?acl", "", (header, "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\""))).Is(200);
    });

    [Fact]
    public void Where_acls_do_not_count_the_policy_may_come_later_and_nobody_is_granted_anything() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/{Target}", "", ("x-amz-object-ownership", "BucketOwnerEnforced"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Owned))).Is(400, "AccessControlListNotSupported");
        (await rig.SendAsync("PUT", "/bucket?logging", Document(Owned.Replace("<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>", "<EmailAddress>bob@test</EmailAddress>", StringComparison.Ordinal))))
            .Is(400, "AccessControlListNotSupported");
    });
}

using System.Linq;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Configurations of which a bucket has several: inventory, analytics, metrics, intelligent tiering.</summary>
public sealed class IdentifiedConfigurationTests
{
    private const string Inventory = """
        <InventoryConfiguration><Id>one</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule>
        <Destination><S3BucketDestination><Bucket>arn:aws:s3:::bucket</Bucket><Format>CSV</Format><Prefix>p</Prefix></S3BucketDestination></Destination>
        <OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields></InventoryConfiguration>
        """;

    private const string Analytics =
        "<AnalyticsConfiguration><Id>one</Id><Filter><Prefix>a/</Prefix></Filter><StorageClassAnalysis></StorageClassAnalysis></AnalyticsConfiguration>";

    private const string Metrics = "<MetricsConfiguration><Id>one</Id><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter></MetricsConfiguration>";

    private const string Tiering = """
        <IntelligentTieringConfiguration><Id>one</Id><Status>Enabled</Status><Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering></IntelligentTieringConfiguration>
        """;

    [Theory]
    [InlineData("inventory", Inventory)]
    [InlineData("analytics", Analytics)]
    [InlineData("metrics", Metrics)]
    [InlineData("intelligent-tiering", Tiering)]
    public void Each_comes_and_goes_under_its_id(string kind, string document) => GatewayRig.Run(async rig =>
    {
        string root = document[1..document.IndexOf('>', System.StringComparison.Ordinal)];
        (await rig.SendAsync("GET", $"/bucket?{kind}&id=one")).Is(404, "NoSuchConfiguration");
        Assert.Equal(["false"], (await rig.SendAsync("GET", $"/bucket?{kind}")).All("IsTruncated"));
        (await rig.SendAsync("PUT", $"/bucket?{kind}&id=one", document)).Is(200);
        TestAnswer one = await rig.SendAsync("GET", $"/bucket?{kind}&id=one");
        Assert.Equal((root, "one"), (one.Xml.Name.LocalName, one.All("Id").Single()));
        (await rig.SendAsync("PUT", $"/bucket?{kind}&id=two", document.Replace("<Id>one", "<Id>two", System.StringComparison.Ordinal))).Is(200);
        Assert.Equal(["one", "two"], (await rig.SendAsync("GET", $"/bucket?{kind}")).All("Id"));
        (await rig.SendAsync("DELETE", $"/bucket?{kind}&id=one")).Is(204);
        (await rig.SendAsync("DELETE", $"/bucket?{kind}&id=one")).Is(404, "NoSuchConfiguration");
        Assert.Equal(["two"], (await rig.SendAsync("GET", $"/bucket?{kind}")).All("Id"));
    });

    [Fact]
    public void Lists_come_in_pages_of_a_hundred() => GatewayRig.Run(async rig =>
    {
        for (int i = 0; i < 101; i++)
        {
            (await rig.SendAsync("PUT", $"/bucket?metrics&id=m{i:d3}", $"<MetricsConfiguration><Id>m{i:d3}</Id></MetricsConfiguration>")).Is(200);
        }

        TestAnswer first = await rig.SendAsync("GET", "/bucket?metrics");
        Assert.Equal(("true", 100), (first.All("IsTruncated").Single(), first.All("Id").Length));
        string token = System.Uri.EscapeDataString(first.All("NextContinuationToken").Single());
        TestAnswer rest = await rig.SendAsync("GET", $"/bucket?metrics&continuation-token={token}");
        Assert.Equal(("false", "m100"), (rest.All("IsTruncated").Single(), rest.All("Id").Single()));
    });

    [Theory]
    [InlineData("inventory", "one", "<InventoryConfiguration><Id>one</Id></InventoryConfiguration>", "MalformedXML")]
    [InlineData("inventory", "two", Inventory, "InvalidArgument")]
    [InlineData("inventory", "a b", Inventory, "InvalidConfigurationId")]
    [InlineData("inventory", "", Inventory, "InvalidConfigurationId")]
    [InlineData("analytics", "one", "<AnalyticsConfiguration><Id>one</Id></AnalyticsConfiguration>", "MalformedXML")]
    [InlineData("metrics", "one", "<MetricsConfiguration><Id>one</Id><Filter><Prefix>a</Prefix><Tag/></Filter></MetricsConfiguration>", "MalformedXML")]
    [InlineData("intelligent-tiering", "one", "<IntelligentTieringConfiguration><Id>one</Id><Status>Enabled</Status></IntelligentTieringConfiguration>", "MalformedXML")]
    public void Documents_that_are_not_valid_are_refused(string kind, string id, string document, string code) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", $"/bucket?{kind}&id={System.Uri.EscapeDataString(id)}", document)).Is(400, code));

    [Fact]
    public void An_archive_tier_wants_its_days() => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", "/bucket?intelligent-tiering&id=one", Tiering.Replace("90", "89", System.StringComparison.Ordinal))).Is(400, "InvalidArgument"));

    [Fact]
    public void Strangers_learn_nothing() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("GET", "/bucket?metrics", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket?metrics&id=one", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket?metrics&id=one", System.Text.Encoding.UTF8.GetBytes(Metrics), GatewayRig.Bob)).Is(403, "AccessDenied");
    });
}

using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>What policies ask of a request beyond who sends it, and policies that are none.</summary>
public sealed class PolicyConditionTests
{
    private static readonly string[] Changes = ["tagging", "retention", "legal-hold"];

    [Fact]
    public void New_tags_are_judged_before_they_are_set() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        await AllowAsync(rig, "s3:PutObjectTagging", "\"StringEquals\":{\"s3:RequestObjectTag/team\":\"red\"}");
        (await TagAsync("blue")).Is(403, "AccessDenied");
        (await TagAsync("red")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/absent?tagging", Encoding.UTF8.GetBytes(Tags("red")), GatewayRig.Bob)).Is(403, "AccessDenied");

        Task<TestAnswer> TagAsync(string team) => rig.SendAsync("PUT", "/bucket/key?tagging", Encoding.UTF8.GetBytes(Tags(team)), GatewayRig.Bob);

        static string Tags(string team) => $"<Tagging><TagSet><Tag><Key>team</Key><Value>{team}</Value></Tag></TagSet></Tagging>";
    });

    [Theory]
    [InlineData("x-amz-server-side-encryption", "AES256")]
    [InlineData("x-amz-acl", "bucket-owner-full-control")]
    [InlineData("x-amz-storage-class", "STANDARD_IA")]
    public void Parts_are_judged_by_what_their_upload_was_started_with(string header, string value) => GatewayRig.Run(
        async rig =>
        {
            await AllowAsync(rig, "s3:PutObject", $"\"StringEquals\":{{\"s3:{header}\":\"{value}\"}}");
            (await SendAsync("POST", "/bucket/key?uploads", "")).Is(403, "AccessDenied");
            string id = (await SendAsync("POST", "/bucket/key?uploads", "", (header, value))).All("UploadId")[0];
            TestAnswer part = await SendAsync("PUT", $"/bucket/key?uploadId={id}&partNumber=1", "x");
            part.Is(200);
            (await SendAsync(
                "POST",
                $"/bucket/key?uploadId={id}",
                $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part["ETag"]}</ETag></Part></CompleteMultipartUpload>")).Is(200);

            // The owner may do so anyway; her upload is none that the policy allows others to go on with.
            id = (await rig.SendAsync("POST", "/bucket/key?uploads")).All("UploadId")[0];
            (await SendAsync("PUT", $"/bucket/key?uploadId={id}&partNumber=1", "x")).Is(403, "AccessDenied");
            (await SendAsync("PUT", $"/bucket/key?uploadId={id}&partNumber=1", "x", (header, value))).Is(403, "AccessDenied");
            (await SendAsync("PUT", "/bucket/key?uploadId=none&partNumber=1", "x")).Is(403, "AccessDenied");
            (await rig.SendAsync("PUT", "/bucket/key?uploadId=none&partNumber=1", "x")).Is(404, "NoSuchUpload");

            Task<TestAnswer> SendAsync(string method, string target, string body, params (string Name, string Value)[] headers) =>
                rig.SendAsync(method, target, Encoding.UTF8.GetBytes(body), GatewayRig.Bob, headers);
        },
        new ObjectStore.Engine.Gateway.GatewayOptions { MasterKey = new byte[32] });

    [Theory]
    [InlineData("x-amz-server-side-encryption", "aws:kms")]
    [InlineData("x-amz-acl", "bucket-owner-full-control")]
    [InlineData("x-amz-storage-class", "STANDARD")]
    [InlineData("x-amz-object-lock-mode", "GOVERNANCE")]
    public void What_an_upload_was_not_started_with_is_not_made_up(string header, string value) => GatewayRig.Run(
        async rig =>
        {
            (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
            (await rig.SendAsync(
                "PUT",
                "/locked?encryption",
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"))
                .Is(200);
            (await rig.SendAsync(
                "PUT",
                "/locked?policy",
                $"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::locked/*\",\"Condition\":{{\"Null\":{{\"s3:{Key(header)}\":\"false\"}},\"StringNotEquals\":{{\"s3:{Key(header)}\":\"{value}\"}}}}}}]}}"))
                .Is(204);
            await UploadAsync();
            await UploadAsync((header, value));

            async Task UploadAsync(params (string Name, string Value)[] headers)
            {
                if (header == "x-amz-object-lock-mode" && headers.Length > 0)
                {
                    headers = [.. headers, ("x-amz-object-lock-retain-until-date", $"{rig.NowUtc.AddDays(1):s}Z")];
                }

                string id = (await rig.SendAsync("POST", "/locked/key?uploads", "", headers)).All("UploadId")[0];
                (await rig.SendAsync("PUT", $"/locked/key?uploadId={id}&partNumber=1", "x")).Is(200);
            }

            static string Key(string header) => header.Contains("lock", System.StringComparison.Ordinal) ? header["x-amz-".Length..] : header;
        },
        new ObjectStore.Engine.Gateway.GatewayOptions { MasterKey = new byte[32] });

    [Fact]
    public void Uploads_are_tagged_by_their_start() => GatewayRig.Run(async rig =>
    {
        await AllowAsync(rig, "s3:PutObject\",\"s3:PutObjectTagging", "\"StringEquals\":{\"s3:RequestObjectTag/team\":\"red\"}");
        TestAnswer begun = await rig.SendAsync("POST", "/bucket/key?uploads", [], GatewayRig.Bob, ("x-amz-tagging", "team=red"));
        string id = begun.All("UploadId")[0];
        (await rig.SendAsync("PUT", $"/bucket/key?uploadId={id}&partNumber=1", Encoding.UTF8.GetBytes("x"), GatewayRig.Bob)).Is(200);
    });

    [Fact]
    public void Strangers_do_not_learn_from_wrong_documents_what_is_there() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
        (await rig.SendAsync("PUT", "/locked/key", "x")).Is(200);
        foreach (string kind in Changes)
        {
            (await rig.SendAsync("PUT", $"/locked/key?{kind}", [], GatewayRig.Nobody)).Is(403, "AccessDenied");
            (await rig.SendAsync("PUT", $"/locked/key?{kind}", Encoding.UTF8.GetBytes("nonsense"), GatewayRig.Bob)).Is(403, "AccessDenied");
            (await rig.SendAsync("PUT", $"/locked/key?{kind}", "nonsense")).Is(400, "MalformedXML");
        }
    });

    [Fact]
    public void A_delete_that_wants_a_tag_is_for_who_may_read() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?policy", """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*"}]}
            """)).Is(204);
        (await rig.SendAsync("DELETE", "/bucket/key", [], GatewayRig.Bob, ("If-Match", "\"x\""))).Is(403, "AccessDenied");
        (await rig.SendAsync("DELETE", "/bucket/absent", [], GatewayRig.Bob, ("If-Match", "\"x\""))).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket/key?acl", [], GatewayRig.Alice, ("x-amz-acl", "public-read"))).Is(200);
        (await rig.SendAsync("DELETE", "/bucket/key", [], GatewayRig.Bob, ("If-Match", "\"x\""))).Is(412, "PreconditionFailed");
        (await rig.SendAsync("DELETE", "/bucket/key", [], GatewayRig.Bob, ("If-Match", "*"))).Is(204);
    });

    [Fact]
    public void Retention_is_judged_wherever_it_is_asked_for() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
        (await rig.SendAsync("PUT", "/locked/key", "x")).Is(200);
        (await rig.SendAsync("PUT", "/locked?policy", """
            {"Version":"2012-10-17","Statement":[
            {"Effect":"Deny","Principal":"*","Action":"s3:PutObjectRetention","Resource":"arn:aws:s3:::locked/*","Condition":{"NumericGreaterThan":{"s3:object-lock-remaining-retention-days":"10"}}},
            {"Effect":"Deny","Principal":"*","Action":"s3:PutObjectLegalHold","Resource":"arn:aws:s3:::locked/*","Condition":{"StringEquals":{"s3:object-lock-legal-hold":"OFF"}}}]}
            """)).Is(204);
        (await RetainAsync(11)).Is(403, "AccessDenied");
        (await RetainAsync(9)).Is(200);
        (await PutAsync(11)).Is(403, "AccessDenied");
        (await PutAsync(9)).Is(200);
        (await rig.SendAsync(
            "PUT", "/locked/other", "x", ("x-amz-object-lock-mode", "GOVERNANCE"), ("x-amz-object-lock-retain-until-date", $"{rig.NowUtc.AddDays(11):r}")))
            .Is(403, "AccessDenied");
        (await HoldAsync("ON")).Is(200);
        (await HoldAsync("OFF")).Is(403, "AccessDenied");

        Task<TestAnswer> RetainAsync(int days) => rig.SendAsync(
            "PUT", "/locked/key?retention", $"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{rig.NowUtc.AddDays(days):s}Z</RetainUntilDate></Retention>");

        Task<TestAnswer> PutAsync(int days) => rig.SendAsync(
            "PUT",
            "/locked/other",
            "x",
            ("x-amz-object-lock-mode", "GOVERNANCE"),
            ("x-amz-object-lock-retain-until-date", $"{rig.NowUtc.AddDays(days):s}Z"));

        Task<TestAnswer> HoldAsync(string status) => rig.SendAsync("PUT", "/locked/key?legal-hold", $"<LegalHold><Status>{status}</Status></LegalHold>");
    });

    [Fact]
    public void Locks_are_shown_to_who_may_ask_for_them() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
        (await rig.SendAsync("PUT", "/locked/key", "x", ("x-amz-object-lock-legal-hold", "ON"))).Is(200);
        (await rig.SendAsync("PUT", "/locked?policy", """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::locked/*"}]}
            """)).Is(204);
        Assert.Equal("ON", (await rig.SendAsync("HEAD", "/locked/key"))["x-amz-object-lock-legal-hold"]);
        TestAnswer strangers = await rig.SendAsync("HEAD", "/locked/key", null, GatewayRig.Bob);
        Assert.Equal((200, null), (strangers.Status, strangers["x-amz-object-lock-legal-hold"]));
    });

    [Fact]
    public void No_value_is_not_any_value() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        await AllowAsync(rig, "s3:GetObject", "\"ForAnyValue:StringNotEquals\":{\"s3:RequestObjectTagKeys\":\"a\"}");
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Bob)).Is(403, "AccessDenied");
    });

    [Theory]
    [InlineData("{\"AWS\":\"\"}")]
    [InlineData("{\"AWS\":\"somebody\"}")]
    [InlineData("{\"AWS\":\"arn:aws:iam::123456789012:key/x\"}")]
    [InlineData("{\"CanonicalUser\":\"12\"}")]
    [InlineData("{\"Service\":\"\"}")]
    [InlineData("{\"AWS\":\"Service:logging.s3.amazonaws.com\"}")]
    [InlineData("{\"AWS\":\"logging.s3.amazonaws.com\"}")]
    [InlineData("{\"AWS\":\"arn:aws:iam::123456789012:user/*\"}")]
    public void Principals_that_are_none_are_refused(string principal) => GatewayRig.Run(async rig =>
        (await PutAsync(rig, principal)).Is(400, "MalformedPolicy"));

    [Theory]
    [InlineData("\"*\"")]
    [InlineData("{\"AWS\":\"123456789012\"}")]
    [InlineData("{\"AWS\":[\"arn:aws:iam::123456789012:root\",\"arn:aws:iam:::user/bob\",\"arn:aws:sts::123456789012:assumed-role/r/s\"]}")]
    [InlineData("{\"CanonicalUser\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}")]
    [InlineData("{\"Service\":\"logging.s3.amazonaws.com\"}")]
    public void Principals_that_there_may_be_are_taken(string principal) => GatewayRig.Run(async rig => (await PutAsync(rig, principal)).Is(204));

    [Theory]
    [InlineData("10.0.0.0/33", 400)]
    [InlineData("nowhere", 400)]
    [InlineData("10.0.0.0/8", 204)]
    [InlineData("2001:db8::1", 204)]
    public void Networks_are_read_when_the_policy_is_set(string network, int status) => GatewayRig.Run(async rig =>
        (await PutAsync(rig, "\"*\"", $"\"IpAddress\":{{\"aws:SourceIp\":\"{network}\"}}")).Is(status, status == 204 ? "" : "MalformedPolicy"));

    [Fact]
    public void What_was_let_through_once_does_no_harm_now() => GatewayRig.Run(async rig =>
    {
        await StoreAsync("policy", """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"somebody"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*",
            "Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}]}
            """);
        await StoreAsync("cors", "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*-*</AllowedHeader><ExposeHeader>*</ExposeHeader></CORSRule></CORSConfiguration>");
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        Assert.Equal("*", (await rig.SendAsync("GET", "/bucket/key", "", ("Origin", "https://a.example")))["Access-Control-Allow-Origin"]);

        async Task StoreAsync(string kind, string document)
        {
            CommandResult stored = await rig.Metadata.ExecuteAsync(new SetBucketDocumentCommand("bucket", kind, Encoding.UTF8.GetBytes(document)) { NowUtc = rig.NowUtc });
            Assert.Equal(MetadataError.None, stored.Error);
        }
    });

    private static async Task AllowAsync(GatewayRig rig, string action, string condition) => (await rig.SendAsync(
        "PUT",
        "/bucket?policy",
        $"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":[\"{action}\"],\"Resource\":\"arn:aws:s3:::bucket/*\",\"Condition\":{{{condition}}}}}]}}")).Is(204);

    private static Task<TestAnswer> PutAsync(GatewayRig rig, string principal, string condition = "") => rig.SendAsync(
        "PUT",
        "/bucket?policy",
        $"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Deny\",\"Principal\":{principal},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::bucket/*\",\"Condition\":{{{condition}}}}}]}}");
}

using System;
using System.Globalization;
using System.Text;
using ObjectStore.Engine.Gateway;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Lifecycle;

/// <summary>Goal: rules mean what S3's user guide says, and what contradicts itself is refused as S3 does.</summary>
public sealed class LifecycleRulesTests
{
    [Theory]
    [InlineData("2014-01-15T10:30:00Z", 3, "2014-01-19T00:00:00Z")]
    [InlineData("2014-01-15T00:00:00Z", 0, "2014-01-16T00:00:00Z")]
    [InlineData("2014-01-15T23:59:59Z", 1, "2014-01-17T00:00:00Z")]
    public void Days_are_rounded_to_the_next_midnight(string from, int days, string due) =>
        Assert.Equal(Utc(due), new LifecycleCalendar(TimeSpan.FromDays(1)).DueUtc(Utc(from), days));

    [Fact]
    public void Very_many_days_are_the_end_of_time() =>
        Assert.Equal(DateTime.MaxValue, new LifecycleCalendar(TimeSpan.FromDays(1)).DueUtc(Utc("2026-01-01T00:00:00Z"), int.MaxValue));

    [Theory]
    [InlineData("<Filter/><Expiration><Days>0</Days></Expiration>", "InvalidArgument")]
    [InlineData("<Filter/><Expiration><Days>-1</Days></Expiration>", "InvalidArgument")]
    [InlineData("<Filter/><Expiration><Days>x</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><Expiration><Date>2026-01-01T01:00:00Z</Date></Expiration>", "InvalidArgument")]
    [InlineData("<Filter/><Expiration><Date>20260101</Date></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><Expiration><Days>1</Days></Expiration><Expiration><Days>2</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><Expiration><ExpiredObjectDeleteMarker>maybe</ExpiredObjectDeleteMarker></Expiration>", "MalformedXML")]
    [InlineData("<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", "InvalidRequest")]
    [InlineData("<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidRequest")]
    [InlineData("<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidRequest")]
    [InlineData("<Filter><And><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag></And></Filter><Expiration><Days>1</Days></Expiration>", "InvalidRequest")]
    [InlineData("<Filter><And><ObjectSizeGreaterThan>9</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter><Expiration><Days>1</Days></Expiration>", "InvalidRequest")]
    [InlineData("<Filter><ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan></Filter><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><Transition><Days>29</Days><StorageClass>STANDARD_IA</StorageClass></Transition>", "InvalidArgument")]
    [InlineData("<Filter/><Transition><Days>1</Days><StorageClass>STANDARD</StorageClass></Transition>", "MalformedXML")]
    [InlineData("<Filter/><Transition><Days>1</Days><StorageClass>COLD</StorageClass></Transition>", "MalformedXML")]
    [InlineData("<Filter/><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition><Expiration><Days>30</Days></Expiration>", "InvalidArgument")]
    [InlineData("<Filter/><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition><Expiration><Date>2026-01-01T00:00:00Z</Date></Expiration>", "InvalidRequest")]
    [InlineData("<Filter/><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition><Transition><Days>2</Days><StorageClass>GLACIER</StorageClass></Transition>", "InvalidRequest")]
    [InlineData("<Filter/><NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>", "InvalidArgument")]
    [InlineData("<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>", "InvalidArgument")]
    [InlineData("<Prefix/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>", "InvalidRequest")]
    [InlineData("<Filter/><NoncurrentVersionTransition><NoncurrentDays>9</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition><NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration>", "InvalidArgument")]
    [InlineData("<Filter>logs/</Filter><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><Expiration><Days>1<x/></Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions><NewerNoncurrentVersions>9</NewerNoncurrentVersions></NoncurrentVersionExpiration>", "MalformedXML")]
    [InlineData("<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation><x/></AbortIncompleteMultipartUpload>", "MalformedXML")]
    [InlineData("<Filter/><Transition><Days>2147483647</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>2147483647</Days><StorageClass>GLACIER</StorageClass></Transition>", "InvalidArgument")]
    [InlineData("<Filter><And/></Filter><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter><And><Prefix>a</Prefix></And></Filter><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter><Prefix><x/>a</Prefix></Filter><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter><Tag><Key>a</Key><Value>1</Value><x/></Tag></Filter><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    [InlineData("<Filter/><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>59</Days><StorageClass>GLACIER</StorageClass></Transition>", "InvalidArgument")]
    [InlineData("<Filter/>", "InvalidRequest")]
    [InlineData("<Filter/><Unknown/><Expiration><Days>1</Days></Expiration>", "MalformedXML")]
    public void Rules_that_contradict_themselves_are_refused(string rule, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => LifecycleConfiguration.Check(XmlDocumentReader.Parse(Document(rule), LifecycleConfiguration.RootElement))).Error.Code);

    [Theory]
    [InlineData("<Prefix>a</Prefix>", "<Filter/>")]
    [InlineData("<Filter/>", "<Prefix/>")]
    public void Old_and_new_rules_do_not_mix(string some, string other)
    {
        const string Rest = "<Status>Enabled</Status><Expiration><Days>1</Days></Expiration>";
        byte[] document = Encoding.UTF8.GetBytes($"<LifecycleConfiguration><Rule>{some}{Rest}</Rule><Rule>{other}{Rest}</Rule></LifecycleConfiguration>");
        Assert.Equal("InvalidRequest", Assert.Throws<S3Exception>(() => LifecycleConfiguration.Check(XmlDocumentReader.Parse(document))).Error.Code);
    }

    [Fact]
    public void A_prefix_of_more_than_1024_bytes_is_refused() => Assert.Equal(
        "InvalidRequest",
        Assert.Throws<S3Exception>(() => LifecycleConfiguration.Check(XmlDocumentReader.Parse(
            Document($"<Filter><Prefix>{new string('a', 1025)}</Prefix></Filter><Expiration><Days>1</Days></Expiration>")))).Error.Code);

    [Fact]
    public void Rules_without_a_name_get_one_that_no_other_has()
    {
        XmlDocumentElement root = XmlDocumentReader.Parse(Encoding.UTF8.GetBytes(
            "<LifecycleConfiguration>"
            + "<Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>"
            + "<Rule><ID>rule-1</ID><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>"
            + "</LifecycleConfiguration>"));
        LifecycleConfiguration.Check(root);
        Assert.NotEqual("rule-1", root.Children[0].TextOf("ID"));
        Assert.Equal("rule-1", root.Children[1].TextOf("ID"));
    }

    [Fact]
    public void What_an_earlier_program_kept_and_this_one_refuses_has_no_effect() =>
        Assert.Empty(LifecycleConfiguration.Parse(Document("<Filter/><Transition><Days>1</Days><StorageClass>STANDARD_IA</StorageClass></Transition>")).Rules);

    [Fact]
    public void Only_what_rules_are_for_is_walked()
    {
        LifecycleConfiguration read = LifecycleConfiguration.Parse(Encoding.UTF8.GetBytes(
            "<LifecycleConfiguration>"
            + "<Rule><Status>Enabled</Status><Prefix>logs/2</Prefix><Expiration><Days>1</Days></Expiration></Rule>"
            + "<Rule><Status>Enabled</Status><Prefix>logs/</Prefix><Expiration><Days>2</Days></Expiration></Rule>"
            + "<Rule><Status>Enabled</Status><Prefix>a</Prefix><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
            + "<Rule><Status>Disabled</Status><Prefix></Prefix><Expiration><Days>2</Days></Expiration></Rule>"
            + "</LifecycleConfiguration>"));
        Assert.Equal(["logs/"], read.VersionPrefixes);
        Assert.Equal(["a"], read.UploadPrefixes);
    }

    private static byte[] Document(string rule) =>
        Encoding.UTF8.GetBytes($"<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status>{rule}</Rule></LifecycleConfiguration>");

    private static DateTime Utc(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
}

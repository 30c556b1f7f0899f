using System;
using System.Collections.Generic;
using System.Text;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Lifecycle;

/// <summary>Goal: of all that rules ask for, the one thing is done that S3's user guide gives precedence.</summary>
public sealed class LifecycleEvaluatorTests
{
    private const int Large = 1 << 20;
    private static readonly DateTime Written = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(1, "")]
    [InlineData(30, "")]
    [InlineData(31, "Transition STANDARD_IA")]
    [InlineData(91, "Transition GLACIER")]
    [InlineData(366, "Expire ")]
    public void An_object_moves_and_expires_in_time(int days, string wanted) => Assert.Equal(
        wanted,
        Decide(
            Move("r", 30, "STANDARD_IA") + Move("r2", 90, "GLACIER") + Rule("r3", "<Filter/>", "<Expiration><Days>365</Days></Expiration>"),
            VersioningState.Off, Written.Date.AddDays(days)));

    [Theory]
    [InlineData(VersioningState.Off, "Expire ")]
    [InlineData(VersioningState.Enabled, "Transition GLACIER")]
    [InlineData(VersioningState.Suspended, "Transition GLACIER")]
    public void Expiration_wins_over_a_move_where_it_is_final_and_else_comes_after_it(VersioningState versioning, string wanted)
    {
        string rules = Move("move", 5, "GLACIER") + Rule("go", "<Filter/>", "<Expiration><Days>5</Days></Expiration>");
        Assert.Equal(wanted, Decide(rules, versioning, Written.AddDays(9)));
        Assert.Equal("Expire ", Decide(rules, versioning, Written.AddDays(9), Object(Large, "GLACIER")));
    }

    [Theory]
    [InlineData("STANDARD_IA", 30, "GLACIER", 30, "", "GLACIER")]
    [InlineData("GLACIER", 1, "DEEP_ARCHIVE", 1, "", "DEEP_ARCHIVE")]
    [InlineData("INTELLIGENT_TIERING", 30, "STANDARD_IA", 30, "", "INTELLIGENT_TIERING")]
    [InlineData("INTELLIGENT_TIERING", 1, "GLACIER_IR", 30, "", "INTELLIGENT_TIERING")]
    [InlineData("INTELLIGENT_TIERING", 1, "STANDARD_IA", 30, "", "INTELLIGENT_TIERING")]
    [InlineData("STANDARD_IA", 30, "GLACIER_IR", 50, "", "GLACIER_IR")]
    [InlineData("INTELLIGENT_TIERING", 30, "GLACIER_IR", 30, "INTELLIGENT_TIERING", "")]
    [InlineData("INTELLIGENT_TIERING", 1, "GLACIER_IR", 30, "INTELLIGENT_TIERING", "GLACIER_IR")]
    [InlineData("STANDARD_IA", 30, "INTELLIGENT_TIERING", 1, "ONEZONE_IA", "")]
    [InlineData("GLACIER_IR", 1, "GLACIER_IR", 1, "ONEZONE_IA", "")]
    [InlineData("GLACIER", 1, "GLACIER", 1, "DEEP_ARCHIVE", "")]
    public void Of_several_moves_the_one_that_S3_favours_is_made_and_only_downwards(string some, int someDays, string other, int otherDays, string now, string wanted) =>
        Assert.Equal(
            wanted.Length == 0 ? "" : $"Transition {wanted}",
            Decide(Move("a", someDays, some) + Move("b", otherDays, other), VersioningState.Off, Written.AddDays(60), Object(Large, now)));

    [Theory]
    [InlineData(1000, "GLACIER", false, "<Filter/>", "")]
    [InlineData(1000, "GLACIER", true, "<Filter/>", "Transition GLACIER")]
    [InlineData(1000, "STANDARD_IA", true, "<Filter/>", "")]
    [InlineData(1000, "STANDARD_IA", false, "<Filter><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan></Filter>", "Transition STANDARD_IA")]
    [InlineData(500, "STANDARD_IA", false, "<Filter><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan></Filter>", "")]
    [InlineData(500, "STANDARD_IA", false, "<Filter><ObjectSizeLessThan>500</ObjectSizeLessThan></Filter>", "")]
    [InlineData(131_072, "STANDARD_IA", false, "<Filter/>", "Transition STANDARD_IA")]
    public void Small_objects_are_not_moved_unless_a_rule_names_a_size(int size, string to, bool varies, string filter, string wanted) => Assert.Equal(
        wanted,
        Decide(
            Rule("r", filter, $"<Transition><Days>30</Days><StorageClass>{to}</StorageClass></Transition>"), VersioningState.Off, Written.AddDays(60), Object(size, ""), varies: varies));

    [Theory]
    [InlineData("<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter>", true)]
    [InlineData("<Filter><Tag><Key>a</Key><Value>2</Value></Tag></Filter>", false)]
    [InlineData("<Filter><And><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></And></Filter>", true)]
    [InlineData("<Filter><And><Prefix>x</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></And></Filter>", false)]
    [InlineData("<Filter><Prefix>ke</Prefix></Filter>", true)]
    [InlineData("<Filter><Prefix>key2</Prefix></Filter>", false)]
    public void A_filter_holds_when_all_of_it_does(string filter, bool matches)
    {
        ObjectRecord tagged = Object(10, "") with { Tags = [KeyValuePair.Create("b", "2"), KeyValuePair.Create("a", "1")] };
        Assert.Equal(matches ? "Expire " : "", Decide(Rule("r", filter, "<Expiration><Days>1</Days></Expiration>"), VersioningState.Off, Written.AddDays(9), tagged));
    }

    [Fact]
    public void What_may_be_due_by_its_tags_is_not_overlooked()
    {
        // A rule that would have the object stay, and asks for tags; one that moves it.
        string rules = Rule("stay", "<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter>", "<Transition><Days>30</Days><StorageClass>INTELLIGENT_TIERING</StorageClass></Transition>")
            + Move("move", 1, "GLACIER_IR");
        ObjectRecord untagged = Object(Large, "INTELLIGENT_TIERING");
        Assert.NotEqual("", Decide(rules, VersioningState.Off, Written.AddDays(60), untagged, knowsTags: false));
        Assert.Equal("Transition GLACIER_IR", Decide(rules, VersioningState.Off, Written.AddDays(60), untagged));
        Assert.Equal("", Decide(rules, VersioningState.Off, Written.AddDays(60), untagged with { Tags = [KeyValuePair.Create("a", "1")] }));
    }

    [Theory]
    [InlineData(4, 2, "")]
    [InlineData(6, 1, "")]
    [InlineData(6, 2, "RemoveNoncurrent ")]
    public void Noncurrent_versions_go_by_when_they_became_noncurrent_and_how_many_are_newer(int days, int newer, string wanted) => Assert.Equal(
        wanted,
        Decide(
            Rule("r", "<Filter/>", "<NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>"
                + "<Expiration><Days>1</Days></Expiration>"),
            VersioningState.Enabled, Written.Date.AddDays(100 + days), place: new VersionPlace(Under(Written.AddDays(100)), newer, IsAlone: false)));

    /// <summary>Seed 1880 of the scenario lifecycle: by the rule that keeps two, the oldest version was refused when the one above it had gone in the same walk.</summary>
    [Fact]
    public void Of_two_rules_for_noncurrent_versions_the_one_that_keeps_fewer_decides()
    {
        const string Action = "<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>{0}</NoncurrentVersionExpiration>";
        LifecycleEvaluator evaluator = Evaluator(
            Rule("keeps", "<Filter/>", Action.Replace("{0}", "<NewerNoncurrentVersions>2</NewerNoncurrentVersions>", StringComparison.Ordinal))
            + Rule("goes", "<Filter/>", Action.Replace("{0}", "", StringComparison.Ordinal)), varies: false);
        LifecycleDecision? decision = evaluator.Decide(VersioningState.Enabled, Object(10, ""), new VersionPlace(Under(Written), 5, IsAlone: false), knowsTags: true, Written.AddDays(9));
        Assert.Equal(("goes", 0), (decision?.RuleId, decision?.NewerNoncurrentMin));
    }

    [Theory]
    [InlineData("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", 0, true, "RemoveMarker ")]
    [InlineData("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", 0, false, "")]
    [InlineData("<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>", 99, true, "")]
    [InlineData("<Expiration><Days>3</Days></Expiration>", 3, true, "")]
    [InlineData("<Expiration><Days>3</Days></Expiration>", 4, true, "RemoveMarker ")]
    [InlineData("<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>", 9, true, "")]
    public void A_marker_goes_when_it_hides_nothing_and_a_rule_says_so(string action, int days, bool isAlone, string wanted) => Assert.Equal(
        wanted,
        Decide(
            Rule("r", "<Filter/>", action), VersioningState.Enabled, Written.Date.AddDays(days),
            Object(0, "") with { IsDeleteMarker = true }, new VersionPlace(null, 0, isAlone)));

    [Fact]
    public void The_first_of_several_expirations_counts()
    {
        LifecycleEvaluator evaluator = Evaluator(
            Rule("late", "<Filter/>", "<Expiration><Days>9</Days></Expiration>") + Rule("early", "<Filter/>", "<Expiration><Days>2</Days></Expiration>")
            + Rule("other", "<Filter><Prefix>x</Prefix></Filter>", "<Expiration><Days>1</Days></Expiration>"), varies: false);
        Assert.Equal(new LifecycleDue(Written.Date.AddDays(3), "early"), evaluator.FindExpiration(Object(10, "")));
    }

    [Fact]
    public void A_version_is_not_noncurrent_before_it_was_written() => Assert.Equal(
        "",
        Decide(
            Rule("r", "<Filter/>", "<NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays></NoncurrentVersionExpiration>"),
            VersioningState.Enabled, Written.AddDays(5), place: new VersionPlace(Under(Written.AddDays(-10)), 0, IsAlone: false)));

    [Fact]
    public void A_rule_that_names_a_size_leaves_markers_alone() => Assert.Equal(
        "",
        Decide(
            Rule("r", "<Filter><ObjectSizeLessThan>100</ObjectSizeLessThan></Filter>", "<Expiration><Days>1</Days></Expiration>"),
            VersioningState.Enabled, Written.AddDays(9), Object(0, "") with { IsDeleteMarker = true }));

    private static LifecycleSuccessor Under(DateTime modifiedUtc) => new(new VersionId(9), modifiedUtc);

    private static string Move(string id, int days, string to) =>
        Rule(id, "<Filter/>", $"<Transition><Days>{days}</Days><StorageClass>{to}</StorageClass></Transition>");

    private static string Rule(string id, string filter, string actions) => $"<Rule><ID>{id}</ID><Status>Enabled</Status>{filter}{actions}</Rule>";

    private static ObjectRecord Object(long size, string storageClass) =>
        new() { Key = "key", Version = default, ModifiedUtc = Written, OwnerId = "owner", SizeBytes = size, StorageClass = storageClass };

    private static LifecycleEvaluator Evaluator(string rules, bool varies) =>
        new(LifecycleConfiguration.Parse(Encoding.UTF8.GetBytes($"<LifecycleConfiguration>{rules}</LifecycleConfiguration>")), new LifecycleCalendar(TimeSpan.FromDays(1)), varies);

    private static string Decide(
        string rules, VersioningState versioning, DateTime nowUtc, ObjectRecord? record = null, VersionPlace? place = null, bool varies = false, bool knowsTags = true)
    {
        LifecycleDecision? decision = Evaluator(rules, varies).Decide(versioning, record ?? Object(Large, ""), place ?? VersionPlace.Alone, knowsTags, nowUtc);
        return decision is null ? "" : $"{decision.Action} {decision.StorageClass}";
    }
}

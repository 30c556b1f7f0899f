using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation.Lifecycle;

/// <summary>A lifecycle rule as the scenario means it, apart from how the engine reads it. Zero days: no such action.</summary>
internal sealed record SimRule
{
    /// <summary>The tag that rules ask for, by its value.</summary>
    internal const string TagKey = "t";

    /// <summary>Where moved versions are.</summary>
    internal const string MovedClass = "GLACIER";

    /// <summary>Of the keys it is for.</summary>
    internal string Prefix { get; init; } = "";

    /// <summary>Value of the tag it asks for; empty for none.</summary>
    internal string Tag { get; init; } = "";

    /// <summary>Current versions expire.</summary>
    internal int ExpireDays { get; init; }

    /// <summary>Noncurrent versions go.</summary>
    internal int NoncurrentDays { get; init; }

    /// <summary>Of noncurrent versions so many stay.</summary>
    internal int KeptNewer { get; init; }

    /// <summary>Markers that hide nothing go.</summary>
    internal bool RemovesLonelyMarkers { get; init; }

    /// <summary>Current versions move to <see cref="MovedClass"/>.</summary>
    internal int MoveDays { get; init; }

    /// <summary>Uploads in progress are aborted.</summary>
    internal int AbortDays { get; init; }

    /// <summary>Draws one or two rules.</summary>
    internal static IReadOnlyList<SimRule> Draw(IChoices choices, int daysMax)
    {
        List<SimRule> rules = [DrawOne(choices, daysMax, "rule0")];
        if (choices.Next(2, "rules") == 1)
        {
            // Now and then one that keeps fewer, or for objects without a tag, too: then two rules ask for the same.
            bool isTwin = choices.Next(3, "twin") == 2;
            rules.Add(isTwin ? rules[0] with { KeptNewer = 0, Tag = "" } : DrawOne(choices, daysMax, "rule1"));
        }

        return rules;
    }

    /// <summary>The document.</summary>
    internal static byte[] Document(IReadOnlyList<SimRule> rules) =>
        Encoding.UTF8.GetBytes($"<LifecycleConfiguration>{string.Concat(rules.Select(static (rule, number) => rule.Xml(number)))}</LifecycleConfiguration>");

    /// <summary>For traces.</summary>
    public override string ToString() =>
        $"[{Prefix}* tag={Tag} expire={ExpireDays} noncurrent={NoncurrentDays} kept={KeptNewer} markers={RemovesLonelyMarkers} move={MoveDays} abort={AbortDays}]";

    private static SimRule DrawOne(IChoices choices, int daysMax, string what)
    {
        var common = new SimRule { Prefix = choices.OneOf(what + ".prefix", "", "a/", "b/") };
        string tag = choices.OneOf(what + ".tag", "", "", "1");
        int days = 1 + choices.Next(daysMax, what + ".days");
        return choices.Next(6, what + ".kind") switch
        {
            0 or 1 => common with { Tag = tag, ExpireDays = days },
            2 => common with { NoncurrentDays = days, KeptNewer = choices.Next(3, what + ".kept") },
            3 => common with { RemovesLonelyMarkers = true, NoncurrentDays = days },
            4 => common with { Tag = tag, MoveDays = days, ExpireDays = choices.Next(2, what + ".expires") * (days + 1) },
            _ => common with { AbortDays = days },
        };
    }

    private string Xml(int number)
    {
        string more = (Tag.Length > 0 ? $"<Tag><Key>{TagKey}</Key><Value>{Tag}</Value></Tag>" : "")
            + (MoveDays > 0 ? "<ObjectSizeGreaterThan>0</ObjectSizeGreaterThan>" : "");
        string conditions = $"<Prefix>{Prefix}</Prefix>" + more;
        string filter = more.Length > 0 ? $"<And>{conditions}</And>" : conditions;
        string expiration = RemovesLonelyMarkers ? "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>" : Days("Days", ExpireDays);
        string kept = KeptNewer > 0 ? Days("NewerNoncurrentVersions", KeptNewer) : "";
        return $"<Rule><ID>rule-{number}</ID><Status>Enabled</Status><Filter>{filter}</Filter>"
            + Element("Transition", MoveDays, Days("Days", MoveDays) + $"<StorageClass>{MovedClass}</StorageClass>")
            + Element("Expiration", expiration.Length, expiration)
            + Element("NoncurrentVersionExpiration", NoncurrentDays, Days("NoncurrentDays", NoncurrentDays) + kept)
            + Element("AbortIncompleteMultipartUpload", AbortDays, Days("DaysAfterInitiation", AbortDays))
            + "</Rule>";
    }

    private static string Days(string name, int days) => days > 0 ? $"<{name}>{days.ToString(CultureInfo.InvariantCulture)}</{name}>" : "";

    private static string Element(string name, int isThere, string content) => isThere > 0 ? $"<{name}>{content}</{name}>" : "";
}

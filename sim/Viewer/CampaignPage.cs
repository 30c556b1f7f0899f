using System;
using System.Text.Json;
using System.Text.Json.Serialization;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Viewer;

/// <summary>One self-contained HTML file about a campaign.</summary>
public static class CampaignPage
{
    /// <summary>Makes the page.</summary>
    public static string Render(CampaignResult campaign)
    {
        ArgumentNullException.ThrowIfNull(campaign);
        string title = $"Simulation: {campaign.Verdict}{(campaign.Shard is null ? "" : $", shard {campaign.Shard}")}";
        return PageTemplate.Fill("campaign.html", title, ["page.css", "campaign.css"], ["campaign.js"], JsonSerializer.Serialize(campaign, CampaignPageJson.Default.CampaignResult));
    }
}

/// <summary>Serialisation for the page: without indents, and with <c>&lt;</c> escaped.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CampaignResult))]
internal sealed partial class CampaignPageJson : JsonSerializerContext;

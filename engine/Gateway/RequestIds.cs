using System.Globalization;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Ids of requests, as answers, logs and events have them.</summary>
internal static class RequestIds
{
    /// <summary>A new one.</summary>
    internal static string Next(IEntropy entropy) => entropy.NextUInt64().ToString("X16", CultureInfo.InvariantCulture);
}

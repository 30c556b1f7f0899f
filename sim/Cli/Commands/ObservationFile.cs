using System.IO;
using System.Text.Json;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>What was seen of the engine, as the reports read it: JSON with names in camel case.</summary>
internal static class ObservationFile
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal static void Write<T>(string path, T observations) => File.WriteAllText(path, JsonSerializer.Serialize(observations, Form));
}

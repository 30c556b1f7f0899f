using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;

namespace ObjectStore.Engine.Cluster;

/// <summary>A JSON value that knows where it stands in its text, for error messages. Comments and trailing commas are allowed.</summary>
internal sealed class LinedJson
{
    private const int DepthMax = 16;

    private LinedJson(JsonValueKind kind, string path, int line) => (Kind, Path, Line) = (kind, path, line);

    internal JsonValueKind Kind { get; }

    /// <summary>Such as <c>zones[0].name</c>; empty for the whole.</summary>
    internal string Path { get; }

    /// <summary>From 1.</summary>
    internal int Line { get; }

    internal string Text { get; private init; } = "";

    internal SortedDictionary<string, LinedJson> Fields { get; } = new(StringComparer.Ordinal);

    internal List<LinedJson> Items { get; } = [];

    /// <exception cref="TopologyException">It is no JSON, or has a field twice.</exception>
    internal static LinedJson Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = DepthMax });
            reader.Read();
            LinedJson whole = ReadValue(ref reader, utf8, "");
            reader.Read();
            return whole;
        }
        catch (JsonException failure)
        {
            throw new TopologyException($"line {failure.LineNumber + 1}: not JSON: {failure.Message}");
        }
    }

    internal TopologyException Wrong(string what) => new(Path.Length == 0 ? $"line {Line}: {what}" : $"line {Line}, {Path}: {what}");

    /// <summary>Refuses a field that nobody reads: most likely it is misspelt.</summary>
    internal void AllowOnly(params ReadOnlySpan<string> names)
    {
        Expect(JsonValueKind.Object, "an object");
        foreach ((string name, LinedJson field) in Fields)
        {
            if (!names.Contains(name))
            {
                throw field.Wrong($"there is no such field; known here: {string.Join(", ", names.ToArray())}");
            }
        }
    }

    internal LinedJson Field(string name) => Fields.GetValueOrDefault(name) ?? throw Wrong($"the field '{name}' is missing");

    internal LinedJson? FieldOrNone(string name) => Fields.GetValueOrDefault(name);

    internal string AsText()
    {
        Expect(JsonValueKind.String, "a text");
        return Text.Length > 0 ? Text : throw Wrong("must not be empty");
    }

    internal int AsNumber(int low, int high)
    {
        Expect(JsonValueKind.Number, "a number");
        return int.TryParse(Text, out int number) && number >= low && number <= high ? number : throw Wrong($"must be a whole number from {low} to {high}, not {Text}");
    }

    internal IReadOnlyList<LinedJson> AsList(int countMin, int countMax)
    {
        Expect(JsonValueKind.Array, "a list");
        return Items.Count >= countMin && Items.Count <= countMax ? Items : throw Wrong($"must have {countMin} to {countMax} entries, not {Items.Count}");
    }

    private void Expect(JsonValueKind kind, string called)
    {
        if (Kind != kind)
        {
            throw Wrong($"must be {called}");
        }
    }

    private static LinedJson ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string path)
    {
        int line = utf8[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var whole = new LinedJson(JsonValueKind.Object, path, line);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = reader.GetString()!;
                    reader.Read();
                    LinedJson field = ReadValue(ref reader, utf8, path.Length == 0 ? name : $"{path}.{name}");
                    if (!whole.Fields.TryAdd(name, field))
                    {
                        throw field.Wrong("is there twice");
                    }
                }

                return whole;
            case JsonTokenType.StartArray:
                var list = new LinedJson(JsonValueKind.Array, path, line);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Items.Add(ReadValue(ref reader, utf8, $"{path}[{list.Items.Count}]"));
                }

                return list;
            case JsonTokenType.String:
                return new LinedJson(JsonValueKind.String, path, line) { Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new LinedJson(JsonValueKind.Number, path, line) { Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            case JsonTokenType.True or JsonTokenType.False:
                return new LinedJson(reader.TokenType == JsonTokenType.True ? JsonValueKind.True : JsonValueKind.False, path, line);
            default:
                return new LinedJson(JsonValueKind.Null, path, line);
        }
    }
}

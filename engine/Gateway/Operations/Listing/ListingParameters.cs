using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Parameters that all listings of a bucket share.</summary>
internal sealed record ListingParameters
{
    /// <summary>Most entries of one answer.</summary>
    internal const int Max = 1000;

    /// <summary>Keys start with this.</summary>
    internal required string Prefix { get; init; }

    /// <summary>Empty for none.</summary>
    internal required string Delimiter { get; init; }

    /// <summary>Names are shown percent-encoded.</summary>
    internal required bool IsUrlEncoded { get; init; }

    /// <summary>Entries to give.</summary>
    internal required int EntriesMax { get; init; }

    /// <summary>As the answer repeats it: never above the most there is.</summary>
    internal int EntriesMaxShown => EntriesMax;

    /// <summary>Authorizes and reads.</summary>
    /// <exception cref="S3Exception">AccessDenied, InvalidArgument.</exception>
    internal static ListingParameters Read(OperationContext context, S3Action action, string maxName)
    {
        Authorizer.Demand(context, action);
        string? encoding = context.Query["encoding-type"];
        if (!string.IsNullOrEmpty(encoding) && encoding != "url")
        {
            throw S3Exception.InvalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encoding);
        }

        return new ListingParameters
        {
            Prefix = Text(context, "prefix"),
            Delimiter = Text(context, "delimiter"),
            IsUrlEncoded = encoding == "url",
            EntriesMax = Numbers.ParseMax(context.Query[maxName], maxName, Max, Max),
        };
    }

    /// <summary>A text parameter; empty when absent.</summary>
    internal static string Text(OperationContext context, string name) => context.Query[name] ?? "";

    /// <summary>A name as the answer shows it.</summary>
    internal string Shown(string name) => IsUrlEncoded ? PercentEncoding.EncodeForListing(name) : name;

    /// <summary>Delimiter and encoding, when given.</summary>
    internal void WriteDelimiter(XmlDocumentWriter xml)
    {
        if (Delimiter.Length > 0)
        {
            xml.Element("Delimiter", Shown(Delimiter));
        }

        if (IsUrlEncoded)
        {
            xml.Element("EncodingType", "url");
        }
    }

    /// <summary>Common prefixes, in order.</summary>
    internal void WriteCommonPrefixes(XmlDocumentWriter xml, QueryResult found)
    {
        foreach (string prefix in found.CommonPrefixes)
        {
            xml.Start("CommonPrefixes");
            xml.Element("Prefix", Shown(prefix));
            xml.End("CommonPrefixes");
        }
    }
}

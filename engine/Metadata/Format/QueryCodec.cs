using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Queries as bytes for the wire: a version, a kind, then the query's fields.</summary>
/// <remarks>Damaged bytes throw <see cref="MalformedDataException"/> only.</remarks>
public static class QueryCodec
{
    /// <summary>Appends one query.</summary>
    public static void Encode(MetadataQuery query, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(FormV1.Version);
        QueryFormV1.Write(to, query);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; all of <paramref name="encoded"/> must be one query.</summary>
    /// <exception cref="MalformedDataException">It is not.</exception>
    public static MetadataQuery Decode(ReadOnlySpan<byte> encoded)
    {
        ByteReader from = FormV1.Open(encoded, "query");
        MetadataQuery query = QueryFormV1.Read(ref from);
        from.End();
        return query;
    }
}

using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>What commands and queries gave, as bytes for the wire. Damaged bytes throw <see cref="MalformedDataException"/> only.</summary>
public static class ResultCodec
{
    /// <summary>Appends the result of a command.</summary>
    public static void Encode(CommandResult result, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(FormV1.Version);
        ResultFormV1.Write(to, result);
    }

    /// <summary>Appends the result of a query.</summary>
    public static void Encode(QueryResult result, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(FormV1.Version);
        ResultFormV1.Write(to, result);
    }

    /// <summary>Appends where an object's bytes are.</summary>
    public static void Encode(ObjectData data, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(FormV1.Version);
        FormV1.WriteData(to, data);
    }

    /// <summary>Appends a blob.</summary>
    public static void Encode(Storage.BlobRef blob, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        FormV1.WriteBlob(to, blob);
    }

    /// <summary>Reads the result of a command.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static CommandResult DecodeCommandResult(ref ByteReader from)
    {
        FormV1.CheckVersion(ref from, "command result");
        return ResultFormV1.ReadCommandResult(ref from);
    }

    /// <summary>Reads the result of a query.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static QueryResult DecodeQueryResult(ref ByteReader from)
    {
        FormV1.CheckVersion(ref from, "query result");
        return ResultFormV1.ReadQueryResult(ref from);
    }

    /// <summary>Reads where an object's bytes are.</summary>
    /// <exception cref="MalformedDataException">It is no such thing.</exception>
    public static ObjectData DecodeData(ref ByteReader from)
    {
        FormV1.CheckVersion(ref from, "object data");
        return FormV1.ReadData(ref from);
    }

    /// <summary>Reads a blob.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static Storage.BlobRef DecodeBlob(ref ByteReader from) => FormV1.ReadBlob(ref from);
}

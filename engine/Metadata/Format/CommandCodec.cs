using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Commands as bytes, for logs and the wire: a version, a kind, the proposer's time, then the command's fields.</summary>
/// <remarks>Old versions are read for ever. Damaged bytes throw <see cref="MalformedDataException"/> only.</remarks>
public static class CommandCodec
{
    /// <summary>Appends one command.</summary>
    public static void Encode(MetadataCommand command, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(FormV1.Version);
        CommandFormV1.Write(to, command);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; all of <paramref name="encoded"/> must be one command.</summary>
    /// <exception cref="MalformedDataException">It is not.</exception>
    public static MetadataCommand Decode(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        byte version = from.Byte();
        if (version != FormV1.Version)
        {
            throw new MalformedDataException($"command of form {version}, known are 1 to {FormV1.Version}");
        }

        MetadataCommand command = CommandFormV1.Read(ref from);
        from.End();
        return command;
    }
}

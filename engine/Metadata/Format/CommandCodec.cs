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
        ByteReader from = FormV1.Open(encoded, "command");
        MetadataCommand command = CommandFormV1.Read(ref from);
        from.End();
        return command;
    }

    /// <summary>Whether a command leads to space being freed: it must go through on a full disk, or the disk stays full.</summary>
    /// <remarks>A delete marker is a row more, but it is how clients of versioned buckets begin.</remarks>
    internal static bool FreesSpace(MetadataCommand command) =>
        command is DeleteObjectCommand or AbortUploadCommand or ApplyLifecycleCommand { Action: not LifecycleAction.Transition } or ReclaimCommand or RemoveEventsCommand or DeleteBucketCommand or RemoveIdentityCommand;

    /// <summary>As <see cref="FreesSpace(MetadataCommand)"/>, from the first bytes of an encoded command.</summary>
    internal static bool FreesSpace(ReadOnlySpan<byte> encoded) => encoded.Length > 1 && CommandFormV1.FreesSpace(encoded[1..]);
}

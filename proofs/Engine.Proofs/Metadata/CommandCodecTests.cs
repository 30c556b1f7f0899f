using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: encoded commands and rows read back as written; damaged ones throw <see cref="MalformedDataException"/> and nothing else.</summary>
public class CommandCodecTests
{
    private static readonly DateTime Now = new(2026, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    private static readonly string[] Texts =
        ["", "a", "k/\0/\u00e9\U0001F600", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef-12", "0123456789abcdef0123456789abcdef-012"];

    internal static readonly Gen<string> Text = Gen.Int[0, Texts.Length - 1].Select(i => Texts[i]);

    internal static readonly Gen<ReadOnlyMemory<byte>> Bytes = Gen.Byte.Array[1, 5].Select(b => (ReadOnlyMemory<byte>)b);

    internal static readonly Gen<ObjectChecksum?> Checksums = Gen.Select(Gen.Bool, Gen.Int[1, 10], Gen.Bool, Bytes, Gen.Int[0, 9]).Select(
        (some, algorithm, composite, digest, parts) => some
            ? new ObjectChecksum((ChecksumAlgorithm)algorithm, composite ? ChecksumType.Composite : ChecksumType.FullObject, digest, parts)
            : null);

    internal static readonly Gen<BlobRef> Blobs =
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 9]).Select((epoch, number, length) => new BlobRef(new BlobId(epoch, number), length, 1 << 20));

    internal static readonly Gen<ObjectData> Data = Gen.Select(Gen.Bool, Blobs, Blobs.Array[0, 3]).Select(
        (inline, blob, blobs) => new ObjectData { Inline = inline ? blob : null, Blobs = blobs });

    private static readonly Gen<KeyValuePair<string, string>[]> Pairs =
        Gen.Select(Text, Text).Select((name, value) => KeyValuePair.Create(name, value)).Array[0, 3];

    internal static readonly Gen<ObjectRecord> Objects =
        Gen.Select(Text, Text, Pairs, Pairs, Checksums, Gen.Select(Bytes, Gen.Bool, Gen.Bool, Gen.ULong[0, 99])).Select(
            (key, text, headers, tags, checksum, rest) => rest.Item2
                ? new ObjectRecord { Key = key, Version = new VersionId(rest.Item4), IsDeleteMarker = true, ModifiedUtc = Now, OwnerId = text }
                : new ObjectRecord
                {
                    Key = key,
                    Version = new VersionId(rest.Item4),
                    ModifiedUtc = Now,
                    SizeBytes = (long)rest.Item4,
                    ETag = text,
                    OwnerId = text,
                    Headers = headers,
                    StorageClass = text,
                    Checksum = checksum,
                    PartCount = 3,
                    Tags = tags,
                    Acl = rest.Item1,
                    RetentionMode = text,
                    RetainUntilUtc = rest.Item3 ? Now : null,
                    LegalHold = rest.Item3,
                    Encryption = rest.Item1,
                    RestoredUntilUtc = rest.Item4 % 2 == 1 ? Now : null,
                });

    private static readonly Gen<WriteConditions?> Conditions = Gen.Select(Gen.Int[0, 3], Text).Select((kind, text) => kind switch
    {
        0 => null,
        1 => new WriteConditions(IfMatch: [text, "*"]),
        2 => new WriteConditions(IfNoneMatch: []),
        _ => new WriteConditions(IfMatchModifiedUtc: Now, IfMatchSizeBytes: 7),
    });

    private static readonly Gen<EventDraft?> Drafts = Gen.Select(Gen.Int[0, 3], Text, Gen.Int[1, 14]).Select((routes, text, kind) => routes == 0
        ? null
        : new EventDraft((ulong)kind, new EventOrigin(text, text, text, text), [.. Enumerable.Range(0, routes).Select(i => new EventRoute((EventKind)kind, $"{text}{i}", text))]));

    private static readonly Gen<MetadataCommand> Commands = Gen.Select(PlainCommands(), Drafts).Select(static (command, events) => command with { Events = events });

    private static Gen<MetadataCommand> PlainCommands() => Gen.OneOf(
        Gen.Select(Text, Bytes, Gen.Bool).Select((t, b, f) => (MetadataCommand)new CreateBucketCommand(t, t, t, f) { NowUtc = Now, Documents = [KeyValuePair.Create(t, b)] }),
        Text.Select(t => (MetadataCommand)new DeleteBucketCommand(t) { NowUtc = Now }),
        Text.Select(t => (MetadataCommand)new SetVersioningCommand(t, VersioningState.Suspended) { NowUtc = Now }),
        Gen.Select(Text, Bytes, Gen.Bool).Select((t, b, f) => (MetadataCommand)new SetBucketDocumentCommand(t, t, f ? b : default(ReadOnlyMemory<byte>?)) { NowUtc = Now, EnableObjectLock = f }),
        Gen.Select(Text, Objects, Bytes, Data, Conditions).Select((t, o, b, d, c) => (MetadataCommand)new PutObjectCommand(t, o, b, d, c) { NowUtc = Now }),
        Gen.Select(Text, Objects, Bytes, Conditions).Select((t, o, b, c) =>
            (MetadataCommand)new PutObjectCommand(t, o, b, new ObjectData { Inline = new BlobRef(new BlobId(1, 2), b.Length, 0) }, c) { NowUtc = Now, BodyLiesInRow = true }),
        Gen.Select(Text, Conditions, Gen.Bool).Select((t, c, f) => (MetadataCommand)new DeleteObjectCommand(t, t, f ? new VersionId(5) : null, t, c, f) { NowUtc = Now }),
        Gen.Select(Text, Pairs, Bytes, Gen.Bool, Gen.Bool).Select((t, p, b, f, g) => (MetadataCommand)new UpdateObjectCommand(t, t, null)
        {
            NowUtc = Now,
            Tags = f ? p : null,
            Acl = g ? b : default(ReadOnlyMemory<byte>?),
            RetentionMode = f ? t : null,
            RetainUntilUtc = g ? Now : null,
            LegalHold = g ? f : null,
            Restore = f && g ? new ObjectRestore(Now.AddDays(3), t, Now, t) : null,
        }),
        Gen.Select(Text, Objects).Select((t, o) => (MetadataCommand)new CreateUploadCommand(t, Upload(t, o)) { NowUtc = Now }),
        Gen.Select(Text, Checksums, Data, Bytes).Select((t, c, d, b) => (MetadataCommand)new PutPartCommand(t, t, t, Part(t, c, d), b) { NowUtc = Now }),
        Gen.Select(Text, Checksums, Conditions, Gen.Bool).Select((t, s, c, f) => (MetadataCommand)new CompleteUploadCommand(t, t, t, [new CompletedPart(3, t, s)])
        {
            NowUtc = Now,
            Conditions = c,
            Checksum = s,
            ChecksumType = f ? ChecksumType.Composite : null,
            ObjectSizeBytes = f ? 9 : null,
        }),
        Text.Select(t => (MetadataCommand)new AbortUploadCommand(t, t, t) { NowUtc = Now }),
        Gen.Select(Text, Bytes, Pairs, Gen.Int[1, 5], Gen.Bool).Select((t, b, p, a, f) =>
            (MetadataCommand)new ApplyLifecycleCommand(t, t, (LifecycleAction)a, new LifecycleGrounds(b, Now)
            {
                Tags = f ? p : null,
                StorageClass = t,
                Successor = f ? null : new LifecycleSuccessor(new VersionId(9), Now),
                NewerNoncurrentMin = a,
            })
            {
                NowUtc = Now,
                Version = new VersionId((ulong)a),
                StorageClass = t,
                UploadId = t,
            }),
        Text.Select(t => (MetadataCommand)new ReclaimCommand((ulong)t.Length, ulong.MaxValue - (ulong)t.Length, 7) { NowUtc = Now }),
        Text.Select(t => (MetadataCommand)new RemoveEventsCommand(t, new EventPlace((ulong)t.Length, 7)) { NowUtc = Now }),
        Text.Select(t => (MetadataCommand)new SetIdentityCommand(new IdentityRecord { Name = t, AccessKey = t, SecretKey = t, CanonicalId = t }) { NowUtc = Now }),
        Text.Select(t => (MetadataCommand)new RemoveIdentityCommand(t) { NowUtc = Now }));

    [Fact]
    public void A_command_reads_back_as_written() =>
        Commands.Sample(
            command =>
            {
                byte[] encoded = Encode(command);
                MetadataCommand decoded = CommandCodec.Decode(encoded);
                Assert.Equal(Show(command), Show(decoded));
                Assert.Equal(encoded, Encode(decoded));
            },
            iter: 1_000,
            threads: 1);

    [Fact]
    public void Damaged_commands_are_malformed_and_nothing_else() =>
        Gen.Select(Commands, Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 2]).Sample(
            (command, at, value, kind) =>
            {
                byte[] encoded = Encode(command);
                byte[] damaged = kind switch
                {
                    0 => encoded[..(at % encoded.Length)],
                    1 => [.. encoded, value],
                    _ => encoded.Select((b, i) => i == at % encoded.Length ? value : b).ToArray(),
                };
                try
                {
                    CommandCodec.Decode(damaged);
                    Assert.Equal(2, kind);
                }
                catch (MalformedDataException)
                {
                    // As it should be.
                }
            },
            iter: 3_000,
            threads: 1);

    [Fact]
    public void Damaged_rows_are_malformed_and_nothing_else() =>
        Gen.Select(Objects, Data, Checksums, Gen.Int[0, 10_000], Gen.Byte).Sample(
            (record, data, checksum, at, value) =>
            {
                byte[][] rows =
                [
                    RowFormat.Encode(new ObjectRow(5, record, data, 3, "u")),
                    RowFormat.Encode(WithBody(record with { IsDeleteMarker = false })),
                    RowFormat.Encode(new UploadRow(5, Upload("u", record))),
                    RowFormat.Encode(Part("e", checksum, data)),
                    RowFormat.Encode([new StoredPart(1, 2, checksum, data)]),
                ];
                foreach (byte[] row in rows)
                {
                    row[at % row.Length] = value;
                    TryDecode(() => RowFormat.DecodeObject(row, "k", 5));
                    TryDecode(() => RowFormat.DecodeObjectSummary(row, "k", "o"));
                    TryDecode(() => RowFormat.DecodeUpload(row));
                    TryDecode(() => RowFormat.DecodePart(row));
                    TryDecode(() => RowFormat.DecodePartList(row));
                    TryDecode(() => RowFormat.DecodeBucket(row));
                    TryDecode(() => RowFormat.DecodeGarbage(row));
                    TryDecode(() => RowFormat.DecodeIdentity(row));
                    TryDecode(() => RowFormat.DecodeCompletedUpload(row));
                    TryDecode(() => RowFormat.DecodeNumber(row));
                }
            },
            iter: 1_000,
            threads: 1);

    [Fact]
    public void A_row_of_an_unknown_form_is_refused() =>
        Assert.Throws<MalformedDataException>(() => RowFormat.DecodeNumber([99, 0, 0, 0, 0, 0, 0, 0, 0]));

    private static void TryDecode(Func<object> decode)
    {
        try
        {
            decode();
        }
        catch (MalformedDataException)
        {
            // As it should be.
        }
    }

    internal static UploadRecord Upload(string text, ObjectRecord template) => new()
    {
        UploadId = text,
        Template = template,
        InitiatorId = text,
        InitiatedUtc = Now,
        ChecksumAlgorithm = ChecksumAlgorithm.Crc32C,
        ChecksumType = ChecksumType.Composite,
    };

    internal static PartRecord Part(string text, ObjectChecksum? checksum, ObjectData data) => new()
    {
        Number = 77,
        SizeBytes = 99,
        ETag = text,
        ModifiedUtc = Now,
        Checksum = checksum,
        Data = data,
    };

    private static ObjectRow WithBody(ObjectRecord record)
    {
        byte[] body = [7, 8, 9];
        return new ObjectRow(5, record, new ObjectData { Inline = new BlobRef(new BlobId(1, 2), body.Length, 0) }, 0, "") { Body = body };
    }

    private static byte[] Encode(MetadataCommand command)
    {
        var to = new ByteWriter();
        CommandCodec.Encode(command, to);
        return to.ToArray();
    }

    /// <summary>A value with all that it holds, as text.</summary>
    internal static string Show(object? value) => value switch
    {
        null => "null",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        string or ValueType and not KeyValuePair<string, string> and not KeyValuePair<string, ReadOnlyMemory<byte>> => $"{value}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(Show))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", value.GetType().GetProperties().Where(p => p.Name != "EqualityContract").Select(p => $"{p.Name}={Show(p.GetValue(value))}"))})",
    };
}

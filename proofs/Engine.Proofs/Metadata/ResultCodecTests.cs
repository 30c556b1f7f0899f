using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: queries, results, openings and shard commands read back as written; damaged ones throw <see cref="MalformedDataException"/> and nothing else.</summary>
public class ResultCodecTests
{
    private static readonly Gen<VersionId?> Version = Gen.Select(Gen.Bool, Gen.ULong).Select((some, value) => some ? new VersionId(value) : default(VersionId?));

    private static readonly Gen<BucketRecord> Buckets = Gen.Select(CommandCodecTests.Text, CommandCodecTests.Bytes, Gen.ULong, Gen.Bool).Select((text, bytes, id, flag) => new BucketRecord
    {
        Name = text,
        Id = id,
        OwnerId = text,
        CreatedUtc = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        Region = text,
        Versioning = VersioningState.Suspended,
        ObjectLock = flag,
        Documents = [KeyValuePair.Create(text, bytes)],
    });

    private static readonly Gen<MetadataQuery> Queries = Gen.Select(CommandCodecTests.Text, CommandCodecTests.Text, Version, Gen.Int[0, 1000], Gen.Bool, Gen.Int[0, 8]).Select(
        (a, b, version, count, flag, kind) => (MetadataQuery)(kind switch
        {
            0 => new GetBucketQuery(a),
            1 => new ListBucketsQuery(flag ? a : null, b, a, count),
            2 => new GetObjectQuery(a, b, version, flag),
            3 => new ListObjectsQuery(a, b, a, b, count),
            4 => new ListVersionsQuery(a, b, a, b, version, count),
            5 => new ListUploadsQuery(a, b, a, b, a, count),
            6 => new ListPartsQuery(a, b, a, count, count + 1),
            7 => new GetUploadQuery(a, b, a),
            _ => new ListIdentitiesQuery(),
        }));

    private static readonly Gen<CommandResult> CommandResults =
        Gen.Select(Buckets, CommandCodecTests.Objects, CommandCodecTests.Text, Version, Gen.Bool, Gen.Bool).Select((bucket, record, text, version, some, other) => new CommandResult
        {
            Error = some ? MetadataError.None : MetadataError.InvalidPart,
            Bucket = some ? bucket : null,
            Object = other ? record : null,
            Version = version,
            IsDeleteMarker = some,
            PartNumber = 9,
            Upload = other ? CommandCodecTests.Upload(text, record) : null,
        });

    private static readonly Gen<QueryResult> QueryResults =
        Gen.Select(Buckets, CommandCodecTests.Objects, CommandCodecTests.Checksums, CommandCodecTests.Data, CommandCodecTests.Text, Gen.Select(Version, Gen.Int[0, 3])).Select(
            (bucket, record, checksum, data, text, rest) => new QueryResult
            {
                Error = MetadataError.NoSuchKey,
                Bucket = rest.Item2 > 0 ? bucket : null,
                Buckets = [.. Enumerable.Repeat(bucket, rest.Item2)],
                Object = rest.Item2 > 1 ? record : null,
                Parts = [.. Enumerable.Range(0, rest.Item2).Select(i => new PartSummary(i, i, checksum))],
                Identities = [new IdentityRecord { Name = text, AccessKey = text, SecretKey = text, CanonicalId = text, Email = text, IsRoot = true }],
                Objects = [.. Enumerable.Repeat(record, rest.Item2)],
                Versions = [.. Enumerable.Range(0, rest.Item2).Select(i => new VersionEntry(record, i == 0))],
                Uploads = [CommandCodecTests.Upload(text, record)],
                UploadedParts = [CommandCodecTests.Part(text, checksum, data)],
                CommonPrefixes = [text, text],
                IsTruncated = rest.Item2 == 1,
                NextMarker = text,
                NextVersionMarker = rest.Item1,
                NextUploadIdMarker = text,
            });

    private static readonly Gen<PositionRange> Ranges = Gen.Select(CommandCodecTests.Bytes, CommandCodecTests.Bytes).Select((from, to) => new PositionRange(from, to));

    private static readonly Gen<ShardCommand> ShardCommands = Gen.Select(Gen.Int[0, 19], Gen.ULong.Array[0, 4], CommandCodecTests.Text, Ranges, Buckets).Select((kind, numbers, text, range, bucket) => (ShardCommand)(kind switch
    {
        0 => new ExecuteCommand((ulong)numbers.Length, new DeleteBucketCommand(text) { NowUtc = default }),
        1 => new CloseEpochsCommand(7, numbers),
        2 => new ForgetDoomedCommand([.. numbers.Select(number => new BlobId(number, number / 2))]),
        3 => new BeginIncomingCommand(1, 2, range, 3),
        4 => new IngestCommand(1, 2, 3, 4, [KeyValuePair.Create(range.From, (ReadOnlyMemory<byte>?)range.To), KeyValuePair.Create(range.To, default(ReadOnlyMemory<byte>?))]),
        5 => new ActivateIncomingCommand(1, 2, 3, 4, numbers),
        6 => new DropIncomingCommand(1, 2),
        7 => new BeginOutgoingCommand(1, 2, range, 3),
        8 => new ClaimOutgoingCommand(1, 2),
        9 => new DeclareOutgoingCommand(1, 2, 3, range.From),
        10 => new CopiedOutgoingCommand(1, 2, 3),
        11 => new ForwardedOutgoingCommand(1, 2, 3, 4),
        12 => new FreezeOutgoingCommand(1, 2),
        13 => new ReadyOutgoingCommand(1, 2, 3),
        14 => new EndOutgoingCommand(1, 2, numbers.Length > 1),
        15 => new CleanRangesCommand(numbers.Length),
        16 => new PrepareBucketCommand(1, 2, text, 3, numbers.Length > 1),
        17 => new FinishBucketCommand(1, 2, text, 3, numbers.Length > 1, numbers.Length > 2 ? bucket : null),
        18 => new DecideBucketCommand(1, MetadataError.BucketNotEmpty),
        _ => new ForgetBucketCommand(9),
    }));

    [Fact]
    public void A_query_reads_back_as_written() => RoundTrip(Queries, QueryCodec.Encode, bytes => QueryCodec.Decode(bytes));

    [Fact]
    public void A_command_result_reads_back_as_written() => RoundTrip(CommandResults, ResultCodec.Encode, bytes =>
    {
        var from = new ByteReader(bytes);
        CommandResult result = ResultCodec.DecodeCommandResult(ref from);
        from.End();
        return result;
    });

    [Fact]
    public void A_query_result_reads_back_as_written() => RoundTrip(QueryResults, ResultCodec.Encode, bytes =>
    {
        var from = new ByteReader(bytes);
        QueryResult result = ResultCodec.DecodeQueryResult(ref from);
        from.End();
        return result;
    });

    [Fact]
    public void A_shard_command_reads_back_as_written() => RoundTrip(ShardCommands, ShardCommandCodec.Encode, bytes => ShardCommandCodec.Decode(bytes));

    [Fact]
    public void A_shard_answer_reads_back_as_written() =>
        RoundTrip(CommandResults.Select(result => new ShardAnswer(ShardStatus.Busy, result.IsDeleteMarker ? result : null)), ShardAnswerCodec.Encode, bytes => ShardAnswerCodec.Decode(bytes));

    [Fact]
    public void What_frees_space_is_told_from_the_bytes_as_from_the_command()
    {
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach ((ShardCommand command, bool frees) in new (ShardCommand, bool)[]
        {
            (new ExecuteCommand(1, new DeleteObjectCommand("b", "k", null, "o", null, false) { NowUtc = now }), true),
            (new ExecuteCommand(1, new ReclaimCommand(0, 1, 1) { NowUtc = now }), true),
            (new ExecuteCommand(1, new DeleteBucketCommand("b") { NowUtc = now }), true),
            (new ExecuteCommand(1, new SetVersioningCommand("b", VersioningState.Enabled) { NowUtc = now }), false),
            (new ExecuteCommand(1, new CreateBucketCommand("b", "o", "", false) { NowUtc = now }), false),
            (new ExecuteCommand(1, EventCommands.Delete("b", "k", now, null, "a")), true),
            (new ExecuteCommand(1, EventCommands.Put("b", "k", now, "a")), false),
            (new ExecuteCommand(0, new RemoveEventsCommand("a", default) { NowUtc = now }), true),
            (new ForgetDoomedCommand([]), true),
        })
        {
            var to = new ByteWriter();
            ShardCommandCodec.Encode(command, to);
            Assert.Equal(frees, ShardCommandCodec.FreesSpace(to.Written));
        }

        Assert.False(ShardCommandCodec.FreesSpace([1]));
    }

    private static void RoundTrip<T>(Gen<T> values, Action<T, ByteWriter> encode, Func<byte[], T> decode) =>
        Gen.Select(values, Gen.Int[0, 100_000], Gen.Byte, Gen.Int[0, 2]).Sample(
            (value, at, other, kind) =>
            {
                var to = new ByteWriter();
                encode(value, to);
                byte[] encoded = to.ToArray();
                Assert.Equal(CommandCodecTests.Show(value), CommandCodecTests.Show(decode(encoded)));
                byte[] damaged = kind switch
                {
                    0 => encoded[..(at % encoded.Length)],
                    1 => [.. encoded, other],
                    _ => [.. encoded.Select((b, i) => i == at % encoded.Length ? other : b)],
                };
                try
                {
                    decode(damaged);
                    Assert.Equal(2, kind);
                }
                catch (MalformedDataException)
                {
                    // As it should be.
                }
            },
            iter: 500,
            threads: 1);
}

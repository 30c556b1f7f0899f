using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: multipart rules of the S3 API reference. Parts must have 5 bytes here instead of 5 MiB.</summary>
public class MultipartTests
{
    private const string Key = "k";
    private const string Id = "upload-1";

    private readonly MachineBench _bench = new MachineBench().WithBucket();

    private void Start(string id = Id, ChecksumAlgorithm algorithm = ChecksumAlgorithm.None, ChecksumType type = ChecksumType.FullObject, string key = Key)
    {
        var template = new ObjectRecord
        {
            Key = key,
            Version = default,
            ModifiedUtc = _bench.Now,
            OwnerId = MachineBench.Owner,
            Headers = [new("content-type", "text/x")],
        };
        var upload = new UploadRecord
        {
            UploadId = id,
            Template = template,
            InitiatorId = MachineBench.Owner,
            InitiatedUtc = _bench.Now,
            ChecksumAlgorithm = algorithm,
            ChecksumType = type,
        };
        Assert.Equal(MetadataError.None, _bench.Do(new CreateUploadCommand(MachineBench.Bucket, upload) { NowUtc = _bench.Now }).Error);
    }

    private PartRecord Part(int number, string body, ObjectChecksum? checksum = null, string id = Id)
    {
        var part = new PartRecord
        {
            Number = number,
            SizeBytes = body.Length,
            ETag = Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(body))),
            ModifiedUtc = _bench.Now,
            Checksum = checksum,
            Data = new ObjectData { Blobs = [_bench.NextLarge(body.Length)] },
        };
        CommandResult result = _bench.Do(new PutPartCommand(MachineBench.Bucket, Key, id, part, default) { NowUtc = _bench.Now });
        Assert.Equal(MetadataError.None, result.Error);
        return part;
    }

    private CommandResult Complete(IEnumerable<PartRecord> parts, Func<CompleteUploadCommand, CompleteUploadCommand>? change = null, string id = Id)
    {
        CompletedPart[] named = parts.Select(p => new CompletedPart(p.Number, p.ETag, p.Checksum)).ToArray();
        var command = new CompleteUploadCommand(MachineBench.Bucket, Key, id, named) { NowUtc = _bench.Now };
        return _bench.Do(change?.Invoke(command) ?? command);
    }

    [Fact]
    public void The_object_has_the_parts_in_order_and_the_etag_of_their_digests()
    {
        Start();
        PartRecord second = Part(7, "world");
        PartRecord first = Part(2, "hello");
        CommandResult done = Complete([first, second]);
        Assert.Equal(MetadataError.None, done.Error);
        byte[] digests = [.. MD5.HashData("hello"u8), .. MD5.HashData("world"u8)];
        Assert.Equal($"{Convert.ToHexStringLower(MD5.HashData(digests))}-2", done.Object!.ETag);
        QueryResult read = _bench.Get(Key);
        Assert.Equal((10L, 2, "text/x"), (read.Object!.SizeBytes, read.Object.PartCount, read.Object.Headers[0].Value));
        Assert.Equal([(2, 5L), (7, 5L)], read.Parts.Select(p => (p.Number, p.SizeBytes)));
        Assert.Empty(_bench.Ask(new ListUploadsQuery(MachineBench.Bucket, "", "", "", "", 10)).Uploads);
        Assert.Empty(_bench.Rows(Tables.Parts));
    }

    [Fact]
    public void A_replaced_part_and_unused_parts_are_freed()
    {
        Start();
        PartRecord old = Part(1, "aaaaa");
        PartRecord used = Part(1, "bbbbb");
        PartRecord unused = Part(2, "ccccc");
        PartRecord late = Part(3, "ddddd");
        Assert.Equal(MetadataError.None, Complete([used, late]).Error);
        _bench.ReclaimAll();
        Assert.Equal(new[] { old, unused }.SelectMany(p => p.Data.Blobs), _bench.Released);
    }

    [Fact]
    public void Completion_is_refused_for_parts_that_are_absent_other_out_of_order_or_small()
    {
        Start();
        PartRecord first = Part(1, "aaaaa");
        PartRecord small = Part(2, "bb");
        PartRecord last = Part(3, "c");
        Assert.Equal((MetadataError.EntityTooSmall, 2), Short(Complete([first, small, last])));
        Assert.Equal((MetadataError.InvalidPartOrder, 1), Short(Complete([small, first])));
        Assert.Equal((MetadataError.InvalidPartOrder, 1), Short(Complete([first, first])));
        Assert.Equal((MetadataError.InvalidPart, 2), Short(Complete([first, small with { ETag = first.ETag }])));
        Assert.Equal((MetadataError.InvalidPart, 9), Short(Complete([first, small with { Number = 9 }])));
        Assert.Equal(MetadataError.UploadMismatch, Complete([first, last], c => c with { ObjectSizeBytes = 7 }).Error);
        Assert.Equal(MetadataError.None, Complete([first, last], c => c with { ObjectSizeBytes = 6 }).Error);

        static (MetadataError, int) Short(CommandResult result) => (result.Error, result.PartNumber);
    }

    [Fact]
    public void Completing_again_answers_the_same_until_the_version_is_gone()
    {
        Start();
        PartRecord part = Part(1, "aaaaa");
        PartRecord other = Part(2, "bbbbb");
        ObjectRecord made = Complete([part]).Object!;
        CommandResult again = Complete([part]);
        Assert.Equal((MetadataError.None, made.ETag), (again.Error, again.Object?.ETag));
        Assert.Equal(MetadataError.NoSuchUpload, Complete([other]).Error);
        _bench.Put(Key, "overwritten");
        Assert.Equal(MetadataError.NoSuchUpload, Complete([part]).Error);
        Assert.Empty(_bench.Rows(Tables.CompletedUploads));
    }

    [Fact]
    public void Deleting_a_multipart_object_frees_every_part()
    {
        Start();
        PartRecord[] parts = Enumerable.Range(1, 20).Select(n => Part(n, "aaaaa")).ToArray();
        Complete(parts);
        _bench.Delete(Key);
        _bench.ReclaimAll();
        Assert.Equal(parts.SelectMany(p => p.Data.Blobs), _bench.Released);
        Assert.Empty(_bench.Rows(Tables.PartLists));
        Assert.Empty(_bench.Rows(Tables.Garbage));
    }

    [Fact]
    public void Aborting_frees_the_parts_and_the_upload_is_gone()
    {
        Start();
        PartRecord[] parts = Enumerable.Range(1, 20).Select(n => Part(n, "aaaaa")).ToArray();
        var abort = new AbortUploadCommand(MachineBench.Bucket, Key, Id) { NowUtc = _bench.Now };
        Assert.Equal(MetadataError.None, _bench.Do(abort).Error);
        Assert.Equal(MetadataError.NoSuchUpload, _bench.Do(abort).Error);
        Assert.Equal(MetadataError.NoSuchUpload, Complete(parts).Error);
        _bench.ReclaimAll();
        Assert.Equal(20, _bench.Released.Count);
        Assert.Empty(_bench.Rows(Tables.Parts));
    }

    [Fact]
    public void Deleting_the_bucket_aborts_its_uploads()
    {
        for (int i = 0; i < 9; i++)
        {
            Start($"u{i}");
            Part(1, "aaaaa", id: $"u{i}");
        }

        Assert.Equal(MetadataError.None, _bench.Do(new DeleteBucketCommand(MachineBench.Bucket) { NowUtc = _bench.Now }).Error);
        _bench.ReclaimAll();
        Assert.Equal(9, _bench.Released.Count);
        Assert.Equal([], _bench.Rows().Where(r => r.Key != "0001"));
    }

    [Fact]
    public void A_condition_holds_at_completion_not_at_the_start()
    {
        Start();
        PartRecord part = Part(1, "aaaaa");
        _bench.Put(Key, "meanwhile");
        CommandResult refused = Complete([part], c => c with { Conditions = new WriteConditions(IfNoneMatch: ["*"]) });
        Assert.Equal(MetadataError.PreconditionFailed, refused.Error);
        Assert.Equal(MetadataError.None, Complete([part]).Error);
    }

    [Fact]
    public void Under_versioning_a_completion_makes_a_version()
    {
        _bench.SetVersioning(VersioningState.Enabled);
        VersionId first = _bench.Put(Key).Object!.Version;
        Start();
        VersionId second = Complete([Part(1, "aaaaa")]).Object!.Version;
        Assert.Equal([second, first], _bench.ListVersions().Versions.Select(v => v.Object.Version));
        Assert.Equal(MetadataError.None, _bench.Delete(Key, second).Error);
        Assert.Equal(first, _bench.Get(Key).Object!.Version);
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32)]
    [InlineData(ChecksumAlgorithm.Crc32C)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme)]
    public void A_full_object_checksum_is_that_of_the_joined_parts(ChecksumAlgorithm algorithm)
    {
        Start(algorithm: algorithm);
        PartRecord[] parts = [Part(1, "hello", Crc(algorithm, "hello")), Part(2, "wonderful", Crc(algorithm, "wonderful")), Part(3, "x", Crc(algorithm, "x"))];
        ObjectChecksum whole = Crc(algorithm, "hellowonderfulx");
        Assert.Equal(MetadataError.ChecksumMismatch, Complete(parts, c => c with { Checksum = Crc(algorithm, "hellowonderfuly") }).Error);
        CommandResult done = Complete(parts, c => c with { Checksum = whole, ChecksumType = ChecksumType.FullObject });
        Assert.Equal(MetadataError.None, done.Error);
        Assert.Equal(whole.Digest.ToArray(), done.Object!.Checksum!.Digest.ToArray());
    }

    [Fact]
    public void A_composite_checksum_is_that_of_the_parts_digests()
    {
        Start(algorithm: ChecksumAlgorithm.Sha256, type: ChecksumType.Composite);
        PartRecord[] parts = [Part(1, "hello", Sha256("hello")), Part(2, "world", Sha256("world"))];
        CommandResult bare = Complete(parts, c => c with { Parts = c.Parts.Select(p => p with { Checksum = null }).ToArray() });
        Assert.Equal((MetadataError.UploadMismatch, 1), (bare.Error, bare.PartNumber));
        Assert.Equal(
            MetadataError.InvalidPart,
            Complete(parts, c => c with { Parts = c.Parts.Select(p => p with { Checksum = Sha256("other") }).ToArray() }).Error);
        Assert.Equal(MetadataError.ChecksumMismatch, Complete(parts, c => c with { ChecksumType = ChecksumType.FullObject }).Error);
        ObjectChecksum checksum = Complete(parts).Object!.Checksum!;
        byte[] digests = [.. SHA256.HashData("hello"u8), .. SHA256.HashData("world"u8)];
        Assert.Equal((ChecksumType.Composite, 2), (checksum.Type, checksum.PartCount));
        Assert.Equal(SHA256.HashData(digests), checksum.Digest.ToArray());
    }

    /// <summary>Digests of "hello", of "world", and of the two one after the other: of the hash tools of the system, xxHash by its reference implementation.</summary>
    [Theory]
    [InlineData(ChecksumAlgorithm.Md5, "5d41402abc4b2a76b9719d911017c592", "7d793037a0760186574b0282f2f435e7", "065947336a2f2a95ba8899f3675c3be6")]
    [InlineData(ChecksumAlgorithm.XxHash64, "26c7827d889f6da3", "e778fbfe66ee51ef", "b8ca8fa824d335e9")]
    [InlineData(ChecksumAlgorithm.XxHash3, "9555e8555c62dcfd", "d6476c25083d69be", "37e14368bd756b55")]
    [InlineData(ChecksumAlgorithm.XxHash128, "b5e9c1ad071b3e7fc779cfaa5e523818", "fa0d38a9b38280d0891e4985bdb2583e", "11207df99deb178492d94ca4e6ed8bd0")]
    public void Every_checksum_that_does_not_combine_is_composite(ChecksumAlgorithm algorithm, string hello, string world, string both)
    {
        Start(algorithm: algorithm, type: ChecksumType.Composite);
        ObjectChecksum checksum = Complete([Part(1, "hello", Of(hello)), Part(2, "world", Of(world))]).Object!.Checksum!;
        Assert.Equal((ChecksumType.Composite, 2, both), (checksum.Type, checksum.PartCount, Convert.ToHexStringLower(checksum.Digest.Span)));

        ObjectChecksum Of(string hex) => new(algorithm, ChecksumType.FullObject, Convert.FromHexString(hex), 0);
    }

    [Fact]
    public void Listing_parts_and_uploads_goes_in_pages()
    {
        Start("b");
        Start("a");
        Start("c", key: "dir/x");
        Start("d", key: "dir/y");
        Start("e", key: "z");
        for (int n = 1; n <= 5; n++)
        {
            Part(n, "aaaaa", id: "a");
        }

        QueryResult parts = _bench.Ask(new ListPartsQuery(MachineBench.Bucket, Key, "a", 2, 2));
        Assert.Equal([3, 4], parts.UploadedParts.Select(p => p.Number));
        Assert.Equal((true, "4"), (parts.IsTruncated, parts.NextMarker));
        QueryResult all = _bench.Ask(new ListUploadsQuery(MachineBench.Bucket, "", "/", "", "", 2));
        Assert.Equal(["dir/"], all.CommonPrefixes);
        Assert.Equal(["a"], all.Uploads.Select(u => u.UploadId));
        Assert.Equal((true, Key, "a"), (all.IsTruncated, all.NextMarker, all.NextUploadIdMarker));
        QueryResult rest = _bench.Ask(new ListUploadsQuery(MachineBench.Bucket, "", "/", all.NextMarker, all.NextUploadIdMarker, 9));
        Assert.Equal(["b", "e"], rest.Uploads.Select(u => u.UploadId));
        Assert.False(rest.IsTruncated);
        QueryResult afterKey = _bench.Ask(new ListUploadsQuery(MachineBench.Bucket, "", "", Key, "", 9));
        Assert.Equal(["e"], afterKey.Uploads.Select(u => u.UploadId));
    }

    private static ObjectChecksum Crc(ChecksumAlgorithm algorithm, string text)
    {
        byte[] data = Encoding.ASCII.GetBytes(text);
        ulong value = algorithm switch
        {
            ChecksumAlgorithm.Crc32 => Crc32.Compute(data),
            ChecksumAlgorithm.Crc32C => Crc32C.Compute(data),
            _ => Crc64Nvme.Compute(data),
        };
        int digits = algorithm == ChecksumAlgorithm.Crc64Nvme ? 16 : 8;
        return new ObjectChecksum(algorithm, ChecksumType.FullObject, Convert.FromHexString(value.ToString($"x{digits}")), 0);
    }

    private static ObjectChecksum Sha256(string text) =>
        new(ChecksumAlgorithm.Sha256, ChecksumType.FullObject, SHA256.HashData(Encoding.ASCII.GetBytes(text)), 0);
}

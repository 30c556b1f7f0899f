using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace ObjectStore.Sim.Checking;

/// <summary>A version of an object, or a delete marker, in the model.</summary>
/// <param name="Id"><c>null</c> for the null version, <see cref="UnknownId"/> when the write's answer never came.</param>
/// <param name="IsDeleteMarker">A marker has no content.</param>
/// <param name="ETag">Without quotes; <see cref="UnknownId"/> when the server may choose and nobody saw it.</param>
/// <param name="Content">What a read gives.</param>
public sealed record S3Version(string Id, bool IsDeleteMarker, string ETag, ContentDigest Content)
{
    /// <summary>The id of the null version.</summary>
    public const string NullId = "null";

    /// <summary>Stands for an id that nobody has seen yet.</summary>
    public const string UnknownId = "?";

    /// <summary>True when this version may be the one that a client calls <paramref name="id"/>.</summary>
    /// <param name="id">What the client calls it.</param>
    /// <param name="isTold">The answer of some write gave this id to another version.</param>
    public bool MayBe(string id, bool isTold) => Id == id || (Id == UnknownId && id != NullId && !isTold);

    /// <inheritdoc/>
    public override string ToString() => $"{(IsDeleteMarker ? "marker" : S3Operation.Short(ETag))}@{Id}";
}

/// <summary>A part of an upload in progress.</summary>
public sealed record S3UploadedPart(int Number, ContentDigest Content);

/// <summary>An upload. When it was completed, <paramref name="CompletedETag"/> is the object's ETag and the parts are gone.</summary>
public sealed record S3Upload(string Id, ImmutableSortedDictionary<int, S3UploadedPart> Parts, string CompletedETag)
{
    /// <inheritdoc/>
    public bool Equals(S3Upload? other) =>
        other is not null && Id == other.Id && CompletedETag == other.CompletedETag && Parts.Values.SequenceEqual(other.Parts.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Values.Aggregate(HashCode.Combine(Id, CompletedETag), HashCode.Combine);
}

/// <summary>All that belongs to one key: versions, newest first, and uploads by time of creation.</summary>
public sealed record S3KeyState(ImmutableArray<S3Version> Versions, ImmutableArray<S3Upload> Uploads)
{
    /// <summary>A key that never was.</summary>
    public static readonly S3KeyState Nothing = new([], []);

    /// <summary>The newest version when it is no marker.</summary>
    public S3Version? Current => Versions.Length > 0 && !Versions[0].IsDeleteMarker ? Versions[0] : null;

    /// <summary>The upload, or null.</summary>
    public S3Upload? Upload(string id) => Uploads.FirstOrDefault(upload => upload.Id == id);

    /// <summary>The versions that a client may mean: the one known by that id, else those whose id nobody has seen, newest first.</summary>
    public IEnumerable<S3Version> Find(string id, bool isTold)
    {
        S3Version? known = Versions.FirstOrDefault(version => version.Id == id);
        return known is not null ? [known] : Versions.Where(version => version.MayBe(id, isTold));
    }

    /// <summary>With a version in place of the upload's previous state.</summary>
    public S3KeyState With(S3Upload upload) => this with
    {
        Uploads = Uploads.FirstOrDefault(known => known.Id == upload.Id) is { } old ? Uploads.Replace(old, upload) : Uploads.Add(upload),
    };

    /// <inheritdoc/>
    public bool Equals(S3KeyState? other) =>
        other is not null && Versions.AsSpan().SequenceEqual(other.Versions.AsSpan()) && Uploads.AsSpan().SequenceEqual(other.Uploads.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = 0;
        foreach (S3Version version in Versions)
        {
            hash = HashCode.Combine(hash, version);
        }

        foreach (S3Upload upload in Uploads)
        {
            hash = HashCode.Combine(hash, upload);
        }

        return hash;
    }
}

/// <summary>A bucket: its versioning, its keys in listing order, and what copies in flight have read.</summary>
public sealed class S3BucketState : IEquatable<S3BucketState>
{
    private readonly int _keysHash;

    /// <summary>An empty bucket.</summary>
    public S3BucketState(S3Versioning versioning)
        : this(versioning, ImmutableSortedDictionary.Create<string, S3KeyState>(KeyOrder.Instance), ImmutableSortedDictionary<int, S3Version>.Empty, 0)
    {
    }

    private S3BucketState(
        S3Versioning versioning, ImmutableSortedDictionary<string, S3KeyState> keys, ImmutableSortedDictionary<int, S3Version> copies, int keysHash)
    {
        Versioning = versioning;
        Keys = keys;
        Copies = copies;
        _keysHash = keysHash;
    }

    /// <summary>Versioning.</summary>
    public S3Versioning Versioning { get; }

    /// <summary>Keys that have anything.</summary>
    public ImmutableSortedDictionary<string, S3KeyState> Keys { get; }

    /// <summary>By copy: the version that it has read and not written yet.</summary>
    public ImmutableSortedDictionary<int, S3Version> Copies { get; }

    /// <summary>The state of a key.</summary>
    public S3KeyState Key(string key) => Keys.TryGetValue(key, out S3KeyState? state) ? state : S3KeyState.Nothing;

    /// <summary>With another state of a key.</summary>
    public S3BucketState With(string key, S3KeyState state)
    {
        int hash = _keysHash;
        unchecked
        {
            hash -= Keys.TryGetValue(key, out S3KeyState? old) ? HashCode.Combine(key, old) : 0;
            bool empty = state.Versions.IsEmpty && state.Uploads.IsEmpty;
            hash += empty ? 0 : HashCode.Combine(key, state);
            return new S3BucketState(Versioning, empty ? Keys.Remove(key) : Keys.SetItem(key, state), Copies, hash);
        }
    }

    /// <summary>With another versioning.</summary>
    public S3BucketState With(S3Versioning versioning) => new(versioning, Keys, Copies, _keysHash);

    /// <summary>With or (null) without what a copy has read.</summary>
    public S3BucketState WithCopy(int copy, S3Version? read) =>
        new(Versioning, Keys, read is null ? Copies.Remove(copy) : Copies.SetItem(copy, read), _keysHash);

    /// <inheritdoc/>
    public bool Equals(S3BucketState? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _keysHash == other._keysHash && Versioning == other.Versioning
            && Keys.SequenceEqual(other.Keys) && Copies.SequenceEqual(other.Copies));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as S3BucketState);

    /// <inheritdoc/>
    public override int GetHashCode() => Copies.Aggregate(HashCode.Combine(Versioning, _keysHash), static (hash, copy) => HashCode.Combine(hash, copy.Key, copy.Value));
}

/// <summary>Everything that the model knows: buckets by name.</summary>
public sealed class S3State(ImmutableSortedDictionary<string, S3BucketState> buckets) : IEquatable<S3State>
{
    /// <summary>No bucket.</summary>
    public static readonly S3State Empty = new(ImmutableSortedDictionary.Create<string, S3BucketState>(StringComparer.Ordinal));

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<string, S3BucketState> Buckets { get; } = buckets;

    /// <summary>The bucket, or null.</summary>
    public S3BucketState? Bucket(string name) => Buckets.GetValueOrDefault(name);

    /// <summary>With another state of a bucket, or (null) without it.</summary>
    public S3State With(string name, S3BucketState? bucket) => new(bucket is null ? Buckets.Remove(name) : Buckets.SetItem(name, bucket));

    /// <inheritdoc/>
    public bool Equals(S3State? other) => ReferenceEquals(this, other) || (other is not null && Buckets.SequenceEqual(other.Buckets));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as S3State);

    /// <inheritdoc/>
    public override int GetHashCode() => Buckets.Aggregate(0, static (hash, bucket) => HashCode.Combine(hash, bucket.Key, bucket.Value));
}

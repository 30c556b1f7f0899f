using System;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: the object that was looked at is restored, and no other one.</summary>
public sealed class RestoreCommandTests
{
    private const string Key = "k";

    private readonly MachineBench _bench = new MachineBench().WithBucket();

    [Theory]
    [InlineData("in")]
    [InlineData("a body that has a row of its own")]
    public void An_object_is_restored_and_nothing_else_changes(string body)
    {
        ObjectRecord archived = Put(body, "GLACIER");
        DateTime until = _bench.Now.AddDays(3);
        Assert.Equal(MetadataError.None, Restore(archived, until).Error);
        Assert.Equal(archived with { RestoredUntilUtc = until }, _bench.Get(Key).Object! with { Headers = archived.Headers, Tags = archived.Tags, Checksum = archived.Checksum });
        Assert.Equal(until, Assert.Single(_bench.List().Objects).RestoredUntilUtc);
        Assert.Equal(body, _bench.BodyOf(Key));
    }

    [Theory]
    [InlineData("other", "GLACIER", 0)]
    [InlineData("bytes", "DEEP_ARCHIVE", 0)]
    [InlineData("bytes", "GLACIER", 1)]
    public void One_that_came_in_its_place_is_not(string body, string storageClass, int later)
    {
        ObjectRecord archived = Put("bytes", "GLACIER");
        _bench.Now = _bench.Now.AddMilliseconds(later);
        Put(body, storageClass);
        Assert.Equal(MetadataError.PreconditionFailed, Restore(archived, _bench.Now.AddDays(3)).Error);
        Assert.Null(_bench.Get(Key).Object!.RestoredUntilUtc);
    }

    private ObjectRecord Put(string body, string storageClass) =>
        _bench.Put(Key, body, change: record => record with { StorageClass = storageClass, ModifiedUtc = _bench.Now }).Object!;

    private CommandResult Restore(ObjectRecord archived, DateTime untilUtc) => _bench.Do(new UpdateObjectCommand(MachineBench.Bucket, Key, null)
    {
        NowUtc = _bench.Now,
        Restore = new ObjectRestore(untilUtc, archived.StorageClass, archived.ModifiedUtc, archived.ETag),
    });
}

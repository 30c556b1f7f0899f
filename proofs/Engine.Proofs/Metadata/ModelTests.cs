using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: random commands against a model of plain lists that shares no code with the state machine; after each, every key, every version and the
/// listings must agree. Replaying the encoded commands must give the same rows.</summary>
public class ModelTests
{
    private static readonly string[] Keys = ["a", "a/b", "a/b/c", "b\0", "b", "\uffee", "\U0001F600"];

    private static readonly Gen<Step[]> Programs =
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, Keys.Length - 1], Gen.Int[0, 5], (kind, key, pick) => new Step(kind, Keys[key], pick)).Array[1, 60];

    private sealed record Step(int Kind, string Key, int Pick);

    private sealed record ModelVersion(string Key, VersionId Id, string? Body);

    [Fact]
    public void Every_command_and_query_agrees_with_the_model() =>
        Programs.Sample(
            program =>
            {
                var run = new Run();
                foreach (Step step in program)
                {
                    run.Do(step);
                    run.CompareAll();
                }

                run.CompareRows();
            },
            iter: 400,
            threads: 1);

    [Fact]
    public void Replaying_the_encoded_commands_gives_the_same_rows() =>
        Programs.Sample(
            program =>
            {
                var run = new Run();
                foreach (Step step in program)
                {
                    run.Do(step);
                }

                var replay = new MachineBench();
                foreach (byte[] command in run.Bench.Log)
                {
                    replay.Do(command);
                }

                Assert.Equal(run.Bench.Rows(), replay.Rows());
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void A_model_with_a_wrong_rule_is_caught()
    {
        // The checker checked: a model that forgets to replace the null version must disagree.
        var run = new Run { ForgetsNullReplacement = true };
        run.Do(new Step(0, "a", 0));
        run.Do(new Step(0, "a", 1));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(run.CompareAll);
    }

    private sealed class Run
    {
        // Newest first within a key.
        private readonly List<ModelVersion> _versions = [];
        private VersioningState _versioning;
        private int _bodies;

        internal MachineBench Bench { get; } = new MachineBench().WithBucket();

        internal bool ForgetsNullReplacement { get; init; }

        internal void Do(Step step)
        {
            switch (step.Kind)
            {
                case <= 3:
                    Put(step, null);
                    break;
                case 4:
                    Put(step, new WriteConditions(IfNoneMatch: ["*"]));
                    break;
                case 5:
                    Put(step, new WriteConditions(IfMatch: [MachineBench.ETagOf(BodyOf(step.Pick))]));
                    break;
                case 6 or 7:
                    Delete(step.Key);
                    break;
                case 8 or 9:
                    DeleteVersion(step);
                    break;
                case 10 when step.Pick < 2:
                    _versioning = VersioningState.Enabled;
                    Bench.SetVersioning(_versioning);
                    break;
                case 10 when step.Pick == 2:
                    _versioning = VersioningState.Suspended;
                    Bench.SetVersioning(_versioning);
                    break;
                default:
                    Bench.ReclaimAll();
                    break;
            }
        }

        internal void CompareAll()
        {
            foreach (string key in Keys)
            {
                ModelVersion? newest = _versions.Find(v => v.Key == key);
                QueryResult read = Bench.Get(key);
                Assert.Equal(newest?.Body is null ? MetadataError.NoSuchKey : MetadataError.None, read.Error);
                Assert.Equal(newest?.Id, read.Object?.Version);
                Assert.Equal(newest?.Body is { } body ? MachineBench.ETagOf(body) : newest is null ? null : "", read.Object?.ETag);
            }

            foreach (ModelVersion version in _versions)
            {
                QueryResult read = Bench.Get(version.Key, version.Id);
                Assert.Equal(version.Body is null ? MetadataError.IsDeleteMarker : MetadataError.None, read.Error);
                Assert.Equal(version.Body is null, read.Object!.IsDeleteMarker);
                Assert.Equal(version.Body ?? "", Bench.BodyOf(version.Key, version.Id));
            }

            string[] ordered = Keys.Order(ListingTests.Utf8Order.Instance).ToArray();
            string[] shown = ordered.Where(key => _versions.Find(v => v.Key == key)?.Body is not null).ToArray();
            Assert.Equal(shown, Bench.List().Objects.Select(o => o.Key));
            var all = ordered
                .SelectMany(key => _versions.Where(v => v.Key == key).Select((v, i) => (v.Key, v.Id, v.Body is null, i == 0)))
                .ToArray();
            Assert.Equal(
                all,
                Bench.ListVersions().Versions.Select(v => (v.Object.Key, v.Object.Version, v.Object.IsDeleteMarker, v.IsLatest)).ToArray());
        }

        /// <summary>Nothing is left of what was replaced or deleted.</summary>
        internal void CompareRows()
        {
            Assert.Equal(_versions.Count, Bench.Rows(Tables.Objects).Count);
            Assert.Equal(_versions.Count(v => v.Body is { Length: > MachineBench.RowBodyBytesMax }), Bench.Rows(Tables.InlineBodies).Count);
            Assert.True(Bench.Rows(Tables.NullVersions).Count <= _versions.Count(v => v.Id.IsNull));
        }

        /// <summary>Some lie in the row of their object, some in one of their own.</summary>
        private static string BodyOf(int number) => number % 2 == 0 ? $"row {number}" : $"its own {number}";

        private void Put(Step step, WriteConditions? conditions)
        {
            string body = BodyOf(_bodies++ % 6);
            ModelVersion? current = _versions.Find(v => v.Key == step.Key) is { Body: not null } found ? found : null;
            MetadataError expected = MetadataError.None;
            if (conditions?.IfNoneMatch is not null && current is not null)
            {
                expected = MetadataError.PreconditionFailed;
            }

            if (conditions?.IfMatch is { } wanted)
            {
                expected = current is null ? MetadataError.PreconditionNoSuchKey
                    : MachineBench.ETagOf(current.Body!) == wanted[0] ? MetadataError.None : MetadataError.PreconditionFailed;
            }

            CommandResult result = Bench.Put(step.Key, body, conditions);
            Assert.Equal(expected, result.Error);
            if (expected == MetadataError.None)
            {
                Add(step.Key, result.Object!.Version, body);
            }
        }

        private void Delete(string key)
        {
            CommandResult result = Bench.Delete(key);
            Assert.Equal(MetadataError.None, result.Error);
            if (_versioning == VersioningState.Off)
            {
                bool was = _versions.RemoveAll(v => v.Key == key) > 0;
                Assert.Equal(was ? VersionId.Null : null, result.Version);
                return;
            }

            Assert.True(result.IsDeleteMarker);
            Add(key, result.Version!.Value, null);
        }

        private void DeleteVersion(Step step)
        {
            ModelVersion[] own = _versions.Where(v => v.Key == step.Key).ToArray();
            ModelVersion? victim = step.Pick < own.Length ? own[step.Pick] : null;
            CommandResult result = Bench.Delete(step.Key, victim?.Id ?? new VersionId(ulong.MaxValue - (ulong)step.Pick));
            Assert.Equal((MetadataError.None, victim?.Id), (result.Error, result.Version));
            Assert.Equal(victim is { Body: null }, result.IsDeleteMarker);
            if (victim is not null)
            {
                _versions.Remove(victim);
            }
        }

        private void Add(string key, VersionId id, string? body)
        {
            Assert.Equal(_versioning != VersioningState.Enabled, id.IsNull);
            Assert.True(id.IsNull || _versions.TrueForAll(v => v.Id != id), "version id used twice");
            if (_versioning != VersioningState.Enabled && !ForgetsNullReplacement)
            {
                _versions.RemoveAll(v => v.Key == key && v.Id.IsNull);
            }

            _versions.Insert(0, new ModelVersion(key, id, body));
        }
    }
}

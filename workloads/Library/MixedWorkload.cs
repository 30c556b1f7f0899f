using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Library;

/// <summary>How often clients of a <see cref="MixedWorkload"/> do what, and to how much. Weights count against their sum.</summary>
public sealed record Mix
{
    /// <summary>Unconditional puts.</summary>
    public int Put { get; init; } = 4;

    /// <summary>Gets.</summary>
    public int Get { get; init; } = 4;

    /// <summary>Heads.</summary>
    public int Head { get; init; } = 1;

    /// <summary>Deletes of the current object.</summary>
    public int Delete { get; init; } = 1;

    /// <summary>Puts that must create (If-None-Match: *).</summary>
    public int Create { get; init; }

    /// <summary>Puts that must replace what was seen (If-Match).</summary>
    public int Swap { get; init; }

    /// <summary>Copies.</summary>
    public int Copy { get; init; }

    /// <summary>Listings.</summary>
    public int List { get; init; }

    /// <summary>Version listings.</summary>
    public int ListVersions { get; init; }

    /// <summary>Gets and deletes of versions by id.</summary>
    public int Versions { get; init; }

    /// <summary>Changes of the bucket's versioning, between enabled and suspended.</summary>
    public int Versioning { get; init; }

    /// <summary>Steps of uploads: create, part, complete, abort.</summary>
    public int Upload { get; init; }

    /// <summary>Whether clients go on with each other's uploads, so that parts, completions and aborts of one upload meet.</summary>
    public bool SharesUploads { get; init; }

    /// <summary>Of a hundred completions, how many name stale, missing or misplaced parts, or repeat an upload that was completed.</summary>
    public int OddCompletePercent { get; init; }

    /// <summary>Keys in use.</summary>
    public int KeyCount { get; init; } = 4;

    /// <summary>Body sizes in bytes; one is drawn, and up to half of it is taken away.</summary>
    public IReadOnlyList<int> SizesBytes { get; init; } = [100, 1000, 5000];

    /// <summary>Requests around a second bucket that is created, filled, emptied and deleted again and again.</summary>
    public int Buckets { get; init; }

    /// <summary>Of a hundred requests without an answer, how many are sent again as they were.</summary>
    public int RetryPercent { get; init; } = 30;
}

/// <summary>Clients that do a bit of everything to a few keys.</summary>
public sealed class MixedWorkload(string name, string description, S3Versioning versioning, Mix mix) : IWorkload
{
    private readonly (int Weight, Func<WorkloadSession, Task> Step)[] _steps =
    [
        (mix.Put, session => SendAsync(session, Put(session, mix), mix)),
        (mix.Get, session => SendAsync(session, On(S3Verb.Get, session, mix), mix)),
        (mix.Head, session => SendAsync(session, On(S3Verb.Head, session, mix), mix)),
        (mix.Delete, session => SendAsync(session, On(S3Verb.Delete, session, mix), mix)),
        (mix.Create, session => SendAsync(session, Put(session, mix) with { IfNoneMatch = "*" }, mix)),
        (mix.Swap, session => SwapAsync(session, mix)),
        (mix.Copy, session => SendAsync(session, On(S3Verb.Copy, session, mix) with { SourceKey = Key(session, mix) }, mix)),
        (mix.List, session => SendAsync(session, List(session, mix), mix)),
        (mix.ListVersions, session => SendAsync(session, new S3Operation { Verb = S3Verb.ListVersions, Bucket = session.Bucket }, mix)),
        (mix.Versions, session => VersionAsync(session, mix)),
        (mix.Versioning, session => SendAsync(session, ChangeOfVersioning(session), mix)),
        (mix.Upload, session => UploadAsync(session, mix)),
        (mix.Buckets, session => SendAsync(session, OfComingBucket(session, mix), mix)),
    ];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public S3Versioning Versioning => versioning;

    /// <inheritdoc/>
    public Task StepAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        int drawn = session.Draws.Next(_steps.Sum(static step => step.Weight), "workload.step");
        foreach ((int weight, Func<WorkloadSession, Task> step) in _steps)
        {
            if (drawn < weight)
            {
                return step(session);
            }

            drawn -= weight;
        }

        throw new InvalidOperationException("a mix without weights");
    }

    /// <inheritdoc/>
    public async Task ReadBackAsync(WorkloadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        await session.SendAsync(new S3Operation { Verb = S3Verb.List, Bucket = session.Bucket });
        if (versioning != S3Versioning.Off)
        {
            S3Result? listed = await session.SendAsync(new S3Operation { Verb = S3Verb.ListVersions, Bucket = session.Bucket });
            foreach (S3Entry entry in listed?.Entries ?? [])
            {
                if (!entry.IsDeleteMarker)
                {
                    await session.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = session.Bucket, Key = entry.Key, VersionId = entry.VersionId });
                }
            }
        }

        for (int key = 0; key < mix.KeyCount; key++)
        {
            await session.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = session.Bucket, Key = KeyName(key) });
        }
    }

    private static async Task<S3Result?> SendAsync(WorkloadSession session, S3Operation operation, Mix mix)
    {
        S3Result? result = await session.SendAsync(operation);
        if (result is null && session.Draws.Next(100, "workload.retry") < mix.RetryPercent)
        {
            result = await session.SendAsync(operation);
        }

        session.Memory.Learn(operation, result);
        return result;
    }

    private static async Task SwapAsync(WorkloadSession session, Mix mix)
    {
        S3Operation put = Put(session, mix);
        if (!session.Memory.ETags.TryGetValue(put.Key, out string? etag))
        {
            etag = (await SendAsync(session, put with { Verb = S3Verb.Get, Content = null, Body = default }, mix))?.ETag;
        }

        if (!string.IsNullOrEmpty(etag))
        {
            await SendAsync(session, put with { IfMatch = etag }, mix);
        }
    }

    private static async Task VersionAsync(WorkloadSession session, Mix mix)
    {
        List<(string Key, string VersionId)> known = session.Memory.Versions;
        if (known.Count == 0)
        {
            await SendAsync(session, Put(session, mix), mix);
            return;
        }

        (string key, string version) = known[session.Draws.Next(known.Count, "workload.version")];
        S3Verb verb = session.Draws.Next(3, "workload.version-verb") == 0 ? S3Verb.Delete : S3Verb.Get;
        if (verb == S3Verb.Get)
        {
            (key, version) = Guess(session, key, version, mix);
        }

        await SendAsync(session, new S3Operation { Verb = verb, Bucket = session.Bucket, Key = key, VersionId = version }, mix);
    }

    /// <summary>Now and then a version that may not be there: one of another key, or an id that nobody was told.</summary>
    private static (string Key, string VersionId) Guess(WorkloadSession session, string key, string version, Mix mix) => session.Draws.Next(6, "workload.version-guess") switch
    {
        5 => (Key(session, mix), version),
        3 or 4 when ulong.TryParse(version, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) =>
            (key, (number + 1 + (ulong)session.Draws.Next(4, "workload.guess")).ToString("x16", CultureInfo.InvariantCulture)),
        _ => (key, version),
    };

    private static async Task UploadAsync(WorkloadSession session, Mix mix)
    {
        WorkloadMemory memory = mix.SharesUploads ? session.Common : session.Memory;
        if (memory.EndedUpload is { } ended && mix.OddCompletePercent > 0 && session.Draws.Next(200, "workload.ended") < mix.OddCompletePercent)
        {
            await SendAsync(session, OfEndedUpload(session, ended, mix), mix);
            return;
        }

        List<OpenUpload> uploads = memory.Uploads;
        if (uploads.Count == 0)
        {
            S3Operation create = On(S3Verb.CreateUpload, session, mix);
            if (await SendAsync(session, create, mix) is { Ok: true } created)
            {
                uploads.Add(new OpenUpload(create.Key, created.UploadId, []));
            }

            return;
        }

        OpenUpload upload = uploads[session.Draws.Next(uploads.Count, "workload.upload")];
        var step = new S3Operation { Verb = S3Verb.UploadPart, Bucket = session.Bucket, Key = upload.Key, UploadId = upload.UploadId };
        int drawn = session.Draws.Next(8, "workload.upload-step");
        if (drawn < 4 || upload.PartETags.Count == 0)
        {
            ReadOnlyMemory<byte> body = session.NewBody(upload.Key, Size(session, mix));
            int number = 1 + session.Draws.Next(3, "workload.part");
            step = step with { PartNumber = number, Body = body, Content = ContentDigest.Of(body.Span) };
            if (await SendAsync(session, step, mix) is { Ok: true } stored)
            {
                if (upload.PartETags.TryGetValue(number, out string? before))
                {
                    upload.StaleETags[number] = before;
                }

                upload.PartETags[number] = stored.ETag;
            }
        }
        else if (drawn == 4)
        {
            await SendAsync(session, step with { Verb = S3Verb.ListParts }, mix);
        }
        else if (drawn == 5)
        {
            await SendAsync(session, step with { Verb = S3Verb.AbortUpload }, mix);
            uploads.Remove(upload);
            memory.EndedUpload = upload;
        }
        else
        {
            S3Part[] parts = [.. upload.PartETags.Select(static part => new S3Part(part.Key, part.Value))];
            if (mix.OddCompletePercent > 0 && session.Draws.Next(100, "workload.odd") < mix.OddCompletePercent)
            {
                parts = Odd(session, upload, parts);
            }

            S3Operation complete = step with { Verb = S3Verb.CompleteUpload, Parts = parts, IfNoneMatch = drawn == 6 && mix.Create > 0 ? "*" : null };
            S3Result? result = await SendAsync(session, complete, mix);
            if (result is { Ok: true } && mix.OddCompletePercent > 0 && session.Draws.Next(100, "workload.again") < mix.OddCompletePercent)
            {
                S3Part[] others = session.Draws.Next(2, "workload.again-odd") == 0 ? Odd(session, upload, parts) : parts;
                await SendAsync(session, complete with { Parts = others, IfNoneMatch = null }, mix);
            }

            if (result is { Ok: true } or { Code: "NoSuchUpload" or "EntityTooSmall" })
            {
                uploads.Remove(upload);
                memory.EndedUpload = result.Ok ? upload : memory.EndedUpload;
            }
        }
    }

    /// <summary>What a client asks that does not know that an upload has ended.</summary>
    private static S3Operation OfEndedUpload(WorkloadSession session, OpenUpload ended, Mix mix)
    {
        var step = new S3Operation { Verb = S3Verb.AbortUpload, Bucket = session.Bucket, Key = ended.Key, UploadId = ended.UploadId };
        switch (session.Draws.Next(4, "workload.ended-step"))
        {
            case 0:
                ReadOnlyMemory<byte> body = session.NewBody(ended.Key, Size(session, mix));
                return step with { Verb = S3Verb.UploadPart, PartNumber = 1, Body = body, Content = ContentDigest.Of(body.Span) };
            case 1:
                return step with { Verb = S3Verb.ListParts };
            case 2 when ended.PartETags.Count > 0:
                return step with { Verb = S3Verb.CompleteUpload, Parts = [.. ended.PartETags.Select(static part => new S3Part(part.Key, part.Value))] };
            default:
                return step;
        }
    }

    /// <summary>Parts as a confused client names them: in the wrong order, with an ETag of before, or without one of them.</summary>
    private static S3Part[] Odd(WorkloadSession session, OpenUpload upload, S3Part[] parts)
    {
        int at = session.Draws.Next(parts.Length, "workload.odd-part");
        switch (session.Draws.Next(3, "workload.odd-kind"))
        {
            case 0:
                return [.. parts.Reverse()];
            case 1 when upload.StaleETags.TryGetValue(parts[at].Number, out string? stale):
                S3Part[] changed = [.. parts];
                changed[at] = parts[at] with { ETag = stale };
                return changed;
            case 2 when parts.Length > 1:
                return [.. parts.Where((_, index) => index != at)];
            default:
                return parts;
        }
    }

    private static S3Operation ChangeOfVersioning(WorkloadSession session) => new()
    {
        Verb = S3Verb.SetVersioning,
        Bucket = session.Bucket,
        Versioning = session.Draws.Next(2, "workload.versioning") == 0 ? S3Versioning.Enabled : S3Versioning.Suspended,
    };

    private static S3Operation OfComingBucket(WorkloadSession session, Mix mix)
    {
        ReadOnlySpan<S3Verb> verbs =
        [
            S3Verb.CreateBucket, S3Verb.CreateBucket, S3Verb.DeleteBucket, S3Verb.DeleteBucket, S3Verb.HeadBucket, S3Verb.List, S3Verb.Put, S3Verb.Delete, S3Verb.Delete, S3Verb.Get,
        ];
        S3Verb verb = verbs[session.Draws.Next(verbs.Length, "workload.bucket-verb")];
        S3Operation operation = verb switch
        {
            S3Verb.Put => Put(session, mix),
            S3Verb.Delete or S3Verb.Get => On(verb, session, mix),
            _ => new S3Operation { Verb = verb, Bucket = session.Bucket },
        };
        return operation with { Bucket = session.Bucket + "-comes-and-goes" };
    }

    private static S3Operation List(WorkloadSession session, Mix mix)
    {
        var list = new S3Operation { Verb = S3Verb.List, Bucket = session.Bucket };
        return session.Draws.Next(4, "workload.listing") switch
        {
            0 => list with { Prefix = "a/" },
            1 => list with { Delimiter = "/" },
            2 => list with
            {
                EntriesMax = 1 + session.Draws.Next(3, "workload.max-keys"),
                StartAfter = session.Draws.Next(2, "workload.start") == 0 ? "" : Key(session, mix),
                Delimiter = session.Draws.Next(2, "workload.roll") == 0 ? "" : "/",
            },
            _ => list,
        };
    }

    private static S3Operation Put(WorkloadSession session, Mix mix)
    {
        string key = Key(session, mix);
        ReadOnlyMemory<byte> body = session.NewBody(key, Size(session, mix));
        return new S3Operation { Verb = S3Verb.Put, Bucket = session.Bucket, Key = key, Body = body, Content = ContentDigest.Of(body.Span) };
    }

    private static S3Operation On(S3Verb verb, WorkloadSession session, Mix mix) =>
        new() { Verb = verb, Bucket = session.Bucket, Key = Key(session, mix) };

    private static string Key(WorkloadSession session, Mix mix) => KeyName(session.Draws.Next(mix.KeyCount, "workload.key"));

    /// <summary>Keys that listings by prefix and delimiter tell apart: <c>a/0</c>, <c>b-1</c>, <c>a/2</c>, …</summary>
    private static string KeyName(int number) => (number % 2 == 0 ? "a/" : "b-") + number;

    private static int Size(WorkloadSession session, Mix mix)
    {
        int size = mix.SizesBytes[session.Draws.Next(mix.SizesBytes.Count, "workload.size")];
        return size - session.Draws.Next((size / 2) + 1, "workload.shorter");
    }
}

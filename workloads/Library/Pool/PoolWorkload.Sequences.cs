using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Library;

/// <content>Steps that take several requests.</content>
public sealed partial class PoolWorkload
{
    private const int ArchiveFiles = 20;
    private const int VersionsKept = 16;

    private async Task UploadAsync(WorkloadSession session)
    {
        ClientState state = State(session);
        string key = NewKey(session, state);
        var on = new S3Operation { Verb = S3Verb.CreateUpload, Bucket = session.Bucket, Key = key };
        if (await session.SendAsync(on) is not { Ok: true } created)
        {
            return;
        }

        on = on with { UploadId = created.UploadId };
        var parts = new List<S3Part>();
        long size = 0;
        for (int number = 1; number <= _shape.PartCount; number++)
        {
            int length = number < _shape.PartCount ? _shape.PartSizeBytes : Math.Min(_shape.PartSizeBytes, Math.Max(1, _shape.Sizes.Of(key)));
            ReadOnlyMemory<byte> body = session.NewBody(key, length);
            var part = on with { Verb = S3Verb.UploadPart, PartNumber = number, Body = body, Content = session.Bodies.Digest(body.Span) };
            if (await session.SendAsync(part) is not { Ok: true } stored)
            {
                await session.SendAsync(on with { Verb = S3Verb.AbortUpload });
                return;
            }

            parts.Add(new S3Part(number, stored.ETag));
            size += length;
        }

        if (await session.SendAsync(on with { Verb = S3Verb.CompleteUpload, Parts = parts }) is { Ok: true })
        {
            S3Result? found = await session.SendAsync(new S3Operation { Verb = S3Verb.Head, Bucket = session.Bucket, Key = key });
            CheckSize(session, found, size);
            state.Own.Enqueue(key);
        }
    }

    /// <summary>A counter in the ETag: of all who read the same one, at most one may replace it.</summary>
    private async Task ContendAsync(WorkloadSession session)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"{_shape.Prefix}shared/{session.Draws.Next(_shape.SharedKeyCount, "workload.shared")}");
        S3Result? seen = await session.SendAsync(new S3Operation { Verb = S3Verb.Head, Bucket = session.Bucket, Key = key });
        S3Operation put = session.NewPut(key, _shape.Sizes.Of(key));
        if (seen is { Ok: true })
        {
            await session.SendAsync(put with { IfMatch = seen.ETag });
        }
        else if (seen is { Status: 404 })
        {
            await session.SendAsync(put with { IfNoneMatch = "*" });
        }
    }

    private async Task ChurnAsync(WorkloadSession session)
    {
        ClientState state = State(session);
        int drawn = session.Draws.Next(10, "workload.churn");
        string key = string.Create(
            CultureInfo.InvariantCulture, $"{_shape.Prefix}churn/{session.Number:D4}/{session.Draws.Next(_shape.SharedKeyCount, "workload.shared")}");
        if (drawn < 5 || state.Versions.Count == 0)
        {
            if (await session.SendAsync(session.NewPut(key, _shape.Sizes.Of(key))) is { Ok: true, VersionId: { } id })
            {
                state.Versions.Add((key, id));
            }
        }
        else if (drawn < 6)
        {
            await session.SendAsync(new S3Operation { Verb = S3Verb.Delete, Bucket = session.Bucket, Key = key });
        }
        else if (drawn < 8 || state.Versions.Count > VersionsKept)
        {
            (string old, string version) = state.Versions[0];
            state.Versions.RemoveAt(0);
            await session.SendAsync(new S3Operation { Verb = S3Verb.Delete, Bucket = session.Bucket, Key = old, VersionId = version });
        }
        else
        {
            (string old, string version) = state.Versions[session.Draws.Next(state.Versions.Count, "workload.version")];
            S3Result? got = await session.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = session.Bucket, Key = old, VersionId = version });
            CheckSize(session, got, _shape.Sizes.Of(old));
        }
    }

    private async Task ArchiveAsync(WorkloadSession session)
    {
        ClientState state = State(session);
        string folder = string.Create(CultureInfo.InvariantCulture, $"{_shape.Prefix}archive/{session.Number:D4}/{state.Made++:D6}/");
        int stored = 0;
        for (int file = 0; file < ArchiveFiles; file++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{folder}{file % 4}/file-{file:D4}");
            if (await session.SendAsync(session.NewPut(key, _shape.Sizes.Of(key))) is { Ok: true })
            {
                stored++;
            }
        }

        S3Result? listed = await session.SendAsync(new S3Operation { Verb = S3Verb.List, Bucket = session.Bucket, Prefix = folder });
        S3Result? rolled = await session.SendAsync(new S3Operation { Verb = S3Verb.List, Bucket = session.Bucket, Prefix = folder, Delimiter = "/" });
        if ((listed is { Ok: true } && listed.Entries.Count < stored) || (rolled is { Ok: true } && stored == ArchiveFiles && rolled.CommonPrefixes.Count != 4))
        {
            session.Metrics.Report("listing does not show the archive");
        }
    }
}

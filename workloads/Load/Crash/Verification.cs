using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using ObjectStore.Workloads.Load.Http;

namespace ObjectStore.Workloads.Load.Crash;

/// <summary>Reads every key of the run, and the bucket's listing, and holds them to what was acknowledged.</summary>
internal static class Verification
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>Returns what does not hold; settles every object in doubt on what was read.</summary>
    internal static async Task<IReadOnlyList<string>> RunAsync(S3HttpClient s3, string bucket, IReadOnlyList<ExpectedObject> objects, CancellationToken cancellation)
    {
        var broken = new List<string>();
        await Parallel.ForEachAsync(
            objects,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellation },
            async (target, stop) =>
            {
                if (await CheckAsync(s3, bucket, target, stop) is { } problem)
                {
                    lock (broken)
                    {
                        broken.Add(problem);
                    }
                }
            });
        if (broken.Count == 0)
        {
            broken.AddRange(await CheckListingAsync(s3, bucket, objects, cancellation));
        }

        return broken;
    }

    private static async Task<string?> CheckAsync(S3HttpClient s3, string bucket, ExpectedObject target, CancellationToken cancellation)
    {
        using S3Answer answer = await s3.GetAsync(bucket, target.Key, cancellation);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            if (!target.Possible.Any(content => content.IsAbsent))
            {
                return $"{target.Key} is gone; expected {target.Describe()}";
            }

            target.Settle(PossibleContent.Absent);
            return null;
        }

        if (!answer.Ok)
        {
            return $"{target.Key} cannot be read: {(int)answer.Status} {answer.Failure}";
        }

        byte[] body;
        try
        {
            body = await answer.Response!.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Http.HttpRequestException)
        {
            return $"{target.Key} breaks off while it is read: {failure.Message}";
        }

        foreach (PossibleContent content in target.Possible)
        {
            if (content.LengthBytes == body.Length && Content.FirstDifference(content.Seed, 0, body) < 0)
            {
                target.Settle(content);
                return null;
            }
        }

        return $"{target.Key} has {body.Length} bytes that nobody acknowledged; expected {target.Describe()}";
    }

    private static async Task<List<string>> CheckListingAsync(
        S3HttpClient s3, string bucket, IReadOnlyList<ExpectedObject> objects, CancellationToken cancellation)
    {
        var listed = new Dictionary<string, long>(StringComparer.Ordinal);
        string continuation = "";
        do
        {
            using S3Answer answer = await s3.ListAsync(bucket, "", continuation, cancellation);
            if (!answer.Ok)
            {
                return [$"the bucket cannot be listed: {(int)answer.Status} {answer.Failure}"];
            }

            XElement page = XDocument.Parse(await answer.Response!.Content.ReadAsStringAsync(cancellation)).Root!;
            foreach (XElement entry in page.Elements(S3 + "Contents"))
            {
                listed[entry.Element(S3 + "Key")!.Value] = long.Parse(entry.Element(S3 + "Size")!.Value, CultureInfo.InvariantCulture);
            }

            continuation = page.Element(S3 + "NextContinuationToken")?.Value ?? "";
        }
        while (continuation.Length > 0);

        var broken = new List<string>();
        foreach (ExpectedObject target in objects)
        {
            PossibleContent content = target.Possible[0];
            bool found = listed.Remove(target.Key, out long size);
            if (found == content.IsAbsent || (found && size != content.LengthBytes))
            {
                broken.Add($"the listing shows {target.Key} as {(found ? $"{size} bytes" : "absent")}, reading it gave {content}");
            }
        }

        broken.AddRange(listed.Keys.Select(key => $"the listing shows {key}, which nobody wrote"));
        return broken;
    }
}

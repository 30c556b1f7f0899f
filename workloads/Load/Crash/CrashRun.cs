using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Http;

namespace ObjectStore.Workloads.Load.Crash;

/// <summary>Options of a crash run.</summary>
internal sealed record CrashOptions(
    ServerProgram Server, int Rounds, int Clients, int KeysPerClient, int Seed, string Folder, bool KeepFolder);

/// <summary>What a crash run did and found.</summary>
internal sealed record CrashResult(int Rounds, int Seed, long Acknowledged, long InDoubt, long ObjectsChecked, IReadOnlyList<string> Broken);

/// <summary>kill -9 during a parallel load, again and again; after each restart every acknowledged object must be there with its content.</summary>
internal static class CrashRun
{
    private const string Bucket = "crash";

    internal static async Task<CrashResult> RunAsync(CrashOptions options, TextWriter progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Folder);
        string data = Path.Combine(options.Folder, "data");
        var random = new Random(options.Seed);
        ServerCommand command = options.Server.Serving(options.Folder, "crash");
        using var log = new AcknowledgedLog(Path.Combine(options.Folder, "acknowledged.log"));
        using var s3 = new S3HttpClient(command.Endpoint, TimeSpan.FromSeconds(30));
        CrashClient[] clients = [.. Enumerable.Range(0, options.Clients).Select(number =>
            new CrashClient(s3, Bucket, number, options.KeysPerClient, new Random(random.Next()), log))];
        ExpectedObject[] objects = [.. clients.SelectMany(client => client.Objects)];
        var broken = new List<string>();
        long inDoubt = 0;
        long objectsChecked = 0;
        int round = 0;
        for (; round < options.Rounds && broken.Count == 0; round++)
        {
            using ServerProcess server = await ServerProcess.StartAsync(command, cancellation);
            if (round == 0)
            {
                using S3Answer created = await s3.CreateBucketAsync(Bucket, cancellation);
                if (created.Status != HttpStatusCode.OK)
                {
                    throw new InvalidOperationException($"the bucket could not be created: {(int)created.Status} {created.Failure}");
                }
            }
            else
            {
                broken.AddRange(await Verification.RunAsync(s3, Bucket, objects, cancellation));
                objectsChecked += objects.Length;
            }

            int lifeMs = random.Next(150, 1500);
            await LiveAndDieAsync(server, clients, lifeMs, broken, cancellation);
            int doubtful = objects.Count(target => target.Possible.Count > 1);
            inDoubt += doubtful;
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round + 1}/{options.Rounds}: killed after {lifeMs} ms, {clients.Sum(client => client.Acknowledged)} acknowledged so far, {doubtful} in doubt"));
        }

        if (broken.Count == 0)
        {
            using ServerProcess server = await ServerProcess.StartAsync(command, cancellation);
            broken.AddRange(await Verification.RunAsync(s3, Bucket, objects, cancellation));
            objectsChecked += objects.Length;
        }

        if (broken.Count == 0 && !options.KeepFolder)
        {
            Directory.Delete(options.Folder, recursive: true);
        }

        return new CrashResult(round, options.Seed, clients.Sum(client => client.Acknowledged), inDoubt, objectsChecked, broken);
    }

    private static async Task LiveAndDieAsync(
        ServerProcess server, CrashClient[] clients, int lifeMs, List<string> broken, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] running = [.. clients.Select(client => Task.Run(() => client.RunAsync(stop.Token), cancellation))];
        await Task.Delay(lifeMs, cancellation);
        server.Kill();
        await stop.CancelAsync();
        foreach (Task client in running)
        {
            try
            {
                await client;
            }
            catch (BrokenPromiseException promise)
            {
                broken.Add(promise.Message);
            }
        }
    }
}

using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Measuring;

/// <summary>Objects that are written once and only read from then on, through the S3 API like any client's.</summary>
/// <param name="world">The world.</param>
/// <param name="region">Who keeps them.</param>
/// <param name="count">How many.</param>
/// <param name="sizeBytes">Of each; a stripe each when it is larger than what rows hold and no larger than a chunk.</param>
internal sealed class ColdObjects(SimWorld world, SimRegion region, int count, int sizeBytes)
{
    private const string Bucket = "cold";
    private const int AttemptsMax = 20;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly SimS3Client _client = new(
        world, region.Nodes, LinkFaults.None with { Timeout = TimeSpan.FromMinutes(1) }, new SigV4Signer(RecordedClients.AccessKey, RecordedClients.SecretKey, "us-east-1"), world.Choices, "planner");

    private readonly ContentDigest[] _contents = new ContentDigest[count];

    /// <summary>How many.</summary>
    internal int Count => count;

    /// <summary>Writes them all; nothing has gone wrong yet.</summary>
    /// <exception cref="PromiseBrokenException">One is not taken.</exception>
    internal async Task WriteAsync()
    {
        await MustAsync(new S3Operation { Verb = S3Verb.CreateBucket, Bucket = Bucket });
        byte[] body = new byte[sizeBytes];
        for (int number = 0; number < count; number++)
        {
            world.Entropy.Fill(body);
            _contents[number] = ContentDigest.Of(body);
            await MustAsync(new S3Operation { Verb = S3Verb.Put, Bucket = Bucket, Key = KeyOf(number), Content = _contents[number], Body = (byte[])body.Clone() });
        }
    }

    /// <summary>Reads them all, each until it is served or was refused many times.</summary>
    /// <returns>The numbers of those that cannot be read.</returns>
    /// <exception cref="PromiseBrokenException">One came back as something else.</exception>
    internal async Task<SortedSet<int>> ReadAsync()
    {
        var lost = new SortedSet<int>();
        for (int number = 0; number < count; number++)
        {
            if (!await IsReadableAsync(number))
            {
                lost.Add(number);
            }
        }

        return lost;
    }

    private async Task<bool> IsReadableAsync(int number)
    {
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            S3Result? read = await _client.SendAsync(new S3Operation { Verb = S3Verb.Get, Bucket = Bucket, Key = KeyOf(number) });
            if (read is { Ok: true })
            {
                return read.Content == _contents[number]
                    ? true
                    : throw new PromiseBrokenException("durable", $"{KeyOf(number)} came back with other bytes");
            }

            if (read is { Status: >= 400 and < 500 })
            {
                throw new PromiseBrokenException("durable", $"{KeyOf(number)} is not known any more: {read}");
            }

            await world.Clock.DelayAsync(Rest);
        }

        return false;
    }

    private async Task MustAsync(S3Operation operation)
    {
        S3Result? result = await _client.SendAsync(operation);
        if (result is not { Ok: true })
        {
            throw new PromiseBrokenException("serves", $"{operation} in a healthy region was answered with {(object?)result ?? "nothing"}");
        }
    }

    private static string KeyOf(int number) => $"object{number:D5}";
}

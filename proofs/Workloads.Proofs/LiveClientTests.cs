using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Live;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: the client reads every form of answer, and takes no wrong one for right. Method: answers from a script, cut into pieces.</summary>
public sealed class LiveClientTests
{
    private static readonly TileContent Content = new(100_000);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Bodies_come_whole_however_the_answer_is_cut(int pieceBytes)
    {
        byte[] body = Content.Create("key", 3, 5000).ToArray();
        S3Result? result = await AskAsync(Get, [.. Head(200, body.Length), .. body], pieceBytes);
        Assert.True(result!.Ok);
        Assert.Equal(5000, result.Content!.Value.SizeBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public async Task Chunked_answers_are_read(int pieceBytes)
    {
        byte[] page = Encoding.UTF8.GetBytes("<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a&amp;b</Key><Size>7</Size></Contents></ListBucketResult>");
        byte[] answer =
        [
            .. Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            .. Chunk(page[..50]),
            .. Chunk(page[50..]),
            .. Encoding.ASCII.GetBytes("0\r\n\r\n"),
        ];
        S3Result? result = await AskAsync(new S3Operation { Verb = S3Verb.List, Bucket = "b" }, answer, pieceBytes);
        S3Entry entry = Assert.Single(result!.Entries);
        Assert.Equal(("a&b", 7L), (entry.Key, entry.SizeBytes));
    }

    [Fact]
    public async Task A_wrong_body_is_wrong_content()
    {
        byte[] body = Content.Create("key", 3, 5000).ToArray();
        body[4999] ^= 1;
        S3Result? result = await AskAsync(Get, [.. Head(200, body.Length), .. body], 100_000);
        Assert.Equal("WrongContent", result!.Code);
    }

    [Fact]
    public async Task A_body_that_ends_early_is_no_answer() =>
        Assert.Null(await AskAsync(Get, [.. Head(200, 5000), .. Content.Create("key", 3, 4999).ToArray()], 100_000));

    [Fact]
    public async Task Keys_out_of_order_are_wrong()
    {
        byte[] page = Encoding.UTF8.GetBytes("<L><IsTruncated>false</IsTruncated><Contents><Key>b</Key><Size>1</Size></Contents><Contents><Key>a</Key><Size>1</Size></Contents></L>");
        S3Result? result = await AskAsync(new S3Operation { Verb = S3Verb.List, Bucket = "b" }, [.. Head(200, page.Length), .. page], 100_000);
        Assert.Equal("WrongOrder", result!.Code);
    }

    [Fact]
    public async Task Refusals_carry_their_code()
    {
        byte[] page = Encoding.UTF8.GetBytes("<Error><Code>NoSuchKey</Code></Error>");
        S3Result? result = await AskAsync(Get, [.. Head(404, page.Length), .. page], 100_000);
        Assert.Equal((404, "NoSuchKey"), (result!.Status, result.Code));
    }

    private static S3Operation Get => new() { Verb = S3Verb.Get, Bucket = "b", Key = "key" };

    private static byte[] Head(int status, int length) => Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nETag: \"e\"\r\n\r\n");

    private static byte[] Chunk(byte[] bytes) => [.. Encoding.ASCII.GetBytes($"{bytes.Length:X}\r\n"), .. bytes, .. "\r\n"u8];

    /// <summary>Answers every connection with the same bytes, in pieces, and closes it.</summary>
    private static async Task<S3Result?> AskAsync(S3Operation operation, byte[] answer, int pieceBytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, answer, pieceBytes);
        var endpoint = new S3Endpoint(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), "ACCESS", "secret", "us-east-1");
        using var client = new LiveS3Client(endpoint, TimeSpan.FromSeconds(20), Content);
        S3Result? result = await Task.Run(() => client.Send(operation));
        listener.Stop();
        await serving;
        return result;
    }

    private static async Task ServeAsync(TcpListener listener, byte[] answer, int pieceBytes)
    {
        try
        {
            using TcpClient connection = await listener.AcceptTcpClientAsync();
            connection.NoDelay = true;
            NetworkStream stream = connection.GetStream();
            var seen = new List<byte>();
            byte[] one = new byte[1];
            while (!EndsHead(seen) && await stream.ReadAsync(one, CancellationToken.None) > 0)
            {
                seen.Add(one[0]);
            }

            for (int at = 0; at < answer.Length; at += pieceBytes)
            {
                await stream.WriteAsync(answer.AsMemory(at, Math.Min(pieceBytes, answer.Length - at)), CancellationToken.None);
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException)
        {
            // The client has seen enough.
        }
    }

    private static bool EndsHead(List<byte> seen) => seen.Count >= 4 && seen[^4] == '\r' && seen[^3] == '\n' && seen[^2] == '\r' && seen[^1] == '\n';
}

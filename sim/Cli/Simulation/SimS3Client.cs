using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Library;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A client that speaks S3 to gateways of simulated nodes, to any of them at each request, through a link that delays, loses and cuts.</summary>
/// <param name="world">The world.</param>
/// <param name="servers">Whom it speaks to.</param>
/// <param name="faults">What happens on the way.</param>
/// <param name="signer">Signs.</param>
/// <param name="choices">Answers what is left open about its requests.</param>
/// <param name="name">For traces and pages.</param>
internal sealed class SimS3Client(SimWorld world, IReadOnlyList<ISimServer> servers, LinkFaults faults, SigV4Signer signer, IChoices choices, string name) : IS3Client
{
    private const string Host = "objectstore.sim";
    private const int PieceBytes = 1000;
    private const int SlowReaderBufferBytes = 16 * 1024;

    /// <summary>An answer as it came over the link.</summary>
    private sealed record RawAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body);

    /// <summary>Whether its requests are those of the workload, rather than of who prepares or checks.</summary>
    internal bool IsCounted { get; init; } = true;

    /// <summary>Whether what goes wrong in this run explains that an answer ends in the middle of its body, as a server ends it that cannot read on.</summary>
    internal bool BodiesMayBreakOff { get; init; }

    /// <inheritdoc/>
    public async ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
    {
        string area = IsCounted ? TraceLog.ClientArea : "check";
        world.Trace.Emit(TraceLevel.Info, area, TraceLog.CallName, ("client", name), ("request", operation.ToString()));
        Task<S3Result?> answer = AskAsync(operation);
        Task first = await Task.WhenAny(answer, TimeOutAsync());
        S3Result? result = first == answer ? await answer : null;
        world.Trace.Emit(TraceLevel.Info, area, "return", ("client", name), ("answer", result?.ToString() ?? "unknown"));
        return result;
    }

    private async Task TimeOutAsync() => await world.Clock.DelayAsync(faults.Timeout);

    private async Task<S3Result?> AskAsync(S3Operation operation)
    {
        ISimServer server = servers.Count == 1 ? servers[0] : servers[choices.Next(servers.Count, "client.server")];
        bool lost = choices.Chance(faults.LoseRequestPerMillion, "link.lose-request");
        await TravelAsync(name, server.Name, operation.Verb.ToString(), !lost);
        if (lost)
        {
            world.Fault("request-lost", name);
            await TimeOutAsync();
            return null;
        }

        if (server.Gateway is null)
        {
            await TravelAsync(server.Name, name, "refused", arrives: true);
            return S3Result.NotSent;
        }

        RawAnswer? raw;
        bool cut = !operation.Body.IsEmpty && choices.Chance(faults.CutBodyPerMillion, "link.cut");
        if (cut)
        {
            world.Fault("body-cut", name);
        }

        try
        {
            raw = await server.CallAsync(gateway => HandleAsync(gateway, operation, cut));
        }
        catch (SimNodeCrashedException)
        {
            // The connection broke: a client notices at once.
            return cut ? S3Result.NotSent : null;
        }

        if (cut)
        {
            // A request whose body never came whole must have left nothing: the history does not hold it, so any trace of it is a phantom.
            return S3Result.NotSent;
        }

        bool answerLost = raw is not null && choices.Chance(faults.LoseAnswerPerMillion, "link.lose-answer");
        await TravelAsync(server.Name, name, raw is null ? "broken off" : $"{raw.Status}", !answerLost);
        if (answerLost)
        {
            world.Fault("answer-lost", name);
        }

        if (raw is null || answerLost)
        {
            return null;
        }

        try
        {
            return S3Answer.Read(operation, raw.Status, raw.Headers, raw.Body);
        }
        catch (InvalidDataException broken)
        {
            throw new PromiseBrokenException("well-formed-answers", $"{operation}: {broken.Message}");
        }
    }

    /// <summary>Runs on the node's loop, as an HTTP server's connection would. Null when the answer broke off.</summary>
    private async Task<RawAnswer?> HandleAsync(IS3Gateway gateway, S3Operation operation, bool cut)
    {
        S3WireRequest wire = S3Wire.Write(operation);
        bool coverBody = choices.Next(4, "client.cover-body") == 0;
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: true));
        bool hasBody = !wire.Body.IsEmpty || wire.Method is "PUT" or "POST";
        var request = new S3Request
        {
            Method = wire.Method,
            RawPath = wire.Path,
            RawQuery = wire.Query,
            Headers = S3Wire.Sign(wire, signer, Host, world.Clock.UtcNow, coverBody),
            Body = pipe.Reader,
            ContentLength = hasBody ? wire.Body.Length : null,
            RemoteAddress = "192.0.2.1",
        };
        Task feeding = FeedAsync(pipe.Writer, wire.Body, cut);
        await using S3Response response = await gateway.HandleAsync(request, CancellationToken.None);
        ReadOnlyMemory<byte> body = response.Body.ToArray();
        if (response.Stream is not null)
        {
            try
            {
                body = choices.Chance(faults.SlowReaderPerMillion, "link.slow-reader") ? await TakeSlowlyAsync(response.Stream) : await TakeAsync(response.Stream);
            }
            catch (Exception broken) when (broken is IOException || (BodiesMayBreakOff && broken is StorageException))
            {
                return null;
            }
        }

        await pipe.Reader.CompleteAsync();
        await feeding;
        return new RawAnswer(response.Status, response.Headers.ToArray(), body);
    }

    private async Task FeedAsync(PipeWriter writer, ReadOnlyMemory<byte> body, bool cut)
    {
        int end = cut ? choices.Next(body.Length, "link.cut-at") : body.Length;
        bool slow = choices.Chance(faults.SlowBodyPerMillion, "link.slow-body");
        if (slow)
        {
            world.Fault("slow-body", name);
        }

        int sent = 0;
        while (sent < end)
        {
            int piece = slow ? Math.Min(PieceBytes, end - sent) : end - sent;
            if (slow)
            {
                await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + choices.Next(500, "link.piece")));
            }

            FlushResult flushed = await writer.WriteAsync(body.Slice(sent, piece));
            sent += piece;
            if (flushed.IsCompleted)
            {
                break;
            }
        }

        await writer.CompleteAsync(cut ? new IOException("the connection was reset") : null);
    }

    private static async Task<byte[]> TakeAsync(IResponseStream stream)
    {
        using var received = new MemoryStream();
        var writer = PipeWriter.Create(received, new StreamPipeWriterOptions(leaveOpen: true));
        await stream.WriteToAsync(writer, CancellationToken.None);
        await writer.CompleteAsync();
        return received.ToArray();
    }

    /// <summary>Takes an answer's body with a pause before each piece; the gateway waits with what comes after.</summary>
    private async Task<byte[]> TakeSlowlyAsync(IResponseStream stream)
    {
        world.Fault("slow-reader", name);
        var pipe = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: SlowReaderBufferBytes, resumeWriterThreshold: 1, useSynchronizationContext: true));
        Task sending = SendAsync();
        using var received = new MemoryStream();
        bool leaves = choices.Chance(faults.ReaderLeavesPerMillion, "link.reader-leaves");
        bool isEnd;
        do
        {
            if (leaves && choices.Next(4, "link.reader-leaves-now") == 3)
            {
                world.Fault("reader-left", name);
                await pipe.Reader.CompleteAsync();
                await sending;
                throw new IOException("the client went away");
            }

            await world.Clock.DelayAsync(choices.Microseconds(faults.ReaderPauseMax, "link.reader-pause"));
            ReadResult read = await pipe.Reader.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                received.Write(piece.Span);
            }

            pipe.Reader.AdvanceTo(read.Buffer.End);
            isEnd = read.IsCompleted;
        }
        while (!isEnd);
        await sending;
        return received.ToArray();

        async Task SendAsync()
        {
            try
            {
                await stream.WriteToAsync(pipe.Writer, CancellationToken.None);
            }
            finally
            {
                await pipe.Writer.CompleteAsync();
            }
        }
    }

    private async ValueTask TravelAsync(string from, string to, string text, bool arrives)
    {
        long message = world.Observer?.MessageSent(world.Now, from, to, text) ?? 0;
        await world.Clock.DelayAsync(choices.Microseconds(faults.DelayMax, "link.delay"));
        world.Observer?.MessageEnded(message, world.Now, arrives);
    }
}

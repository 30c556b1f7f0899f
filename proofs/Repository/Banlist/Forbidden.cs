// One forbidden call for each line of engine/BannedSymbols.Engine.txt; the comment above it names the entry.
// This project never builds: proofs/Repository/BanlistTests.cs expects RS0030 on every call.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Repository.Banlist;

internal static class Forbidden
{
    internal static async Task CallAsync(
        Task a,
        Task b,
        Task<int> c,
        Task<int> d,
        ValueTask v,
        ValueTask<int> w,
        TimeSpan span,
        CancellationToken token,
        CancellationTokenSource cts,
        SemaphoreSlim sem,
        List<Task> list,
        List<Task<int>> listOfInt)
    {
        // P:System.DateTime.Now
        _ = DateTime.Now;
        // P:System.DateTime.UtcNow
        _ = DateTime.UtcNow;
        // P:System.DateTime.Today
        _ = DateTime.Today;
        // P:System.DateTimeOffset.Now
        _ = DateTimeOffset.Now;
        // P:System.DateTimeOffset.UtcNow
        _ = DateTimeOffset.UtcNow;
        // T:System.TimeProvider
        _ = TimeProvider.System;
        // T:System.Diagnostics.Stopwatch
        _ = System.Diagnostics.Stopwatch.StartNew();
        // T:System.Threading.Timer
        _ = new Timer(static _ => { });
        // T:System.Threading.PeriodicTimer
        _ = new PeriodicTimer(TimeSpan.Zero);
        // M:System.Threading.Tasks.Task.Delay(System.Int32)
        await Task.Delay(1);
        // M:System.Threading.Tasks.Task.Delay(System.Int32,System.Threading.CancellationToken)
        await Task.Delay(1, token);
        // M:System.Threading.Tasks.Task.Delay(System.TimeSpan)
        await Task.Delay(span);
        // M:System.Threading.Tasks.Task.Delay(System.TimeSpan,System.Threading.CancellationToken)
        await Task.Delay(span, token);
        // M:System.Threading.Tasks.Task.Delay(System.TimeSpan,System.TimeProvider)
        await Task.Delay(span, TimeProvider.System);
        // M:System.Threading.Tasks.Task.Delay(System.TimeSpan,System.TimeProvider,System.Threading.CancellationToken)
        await Task.Delay(span, TimeProvider.System, token);
        // M:System.Threading.CancellationTokenSource.#ctor(System.Int32)
        _ = new CancellationTokenSource(1);
        // M:System.Threading.CancellationTokenSource.#ctor(System.TimeSpan)
        _ = new CancellationTokenSource(span);
        // M:System.Threading.CancellationTokenSource.#ctor(System.TimeSpan,System.TimeProvider)
        _ = new CancellationTokenSource(span, TimeProvider.System);
        // M:System.Threading.CancellationTokenSource.CancelAfter(System.Int32)
        cts.CancelAfter(1);
        // M:System.Threading.CancellationTokenSource.CancelAfter(System.TimeSpan)
        cts.CancelAfter(span);
        // M:System.Threading.Tasks.Task.WaitAsync(System.TimeSpan)
        await a.WaitAsync(span);
        // M:System.Threading.Tasks.Task.WaitAsync(System.TimeSpan,System.Threading.CancellationToken)
        await a.WaitAsync(span, token);
        // M:System.Threading.Tasks.Task.WaitAsync(System.Threading.CancellationToken)
        await a.WaitAsync(token);
        // M:System.Threading.Tasks.Task`1.WaitAsync(System.TimeSpan)
        await c.WaitAsync(span);
        // M:System.Threading.Tasks.Task`1.WaitAsync(System.TimeSpan,System.Threading.CancellationToken)
        await c.WaitAsync(span, token);
        // M:System.Threading.Tasks.Task`1.WaitAsync(System.Threading.CancellationToken)
        await c.WaitAsync(token);
        // M:System.Threading.SemaphoreSlim.WaitAsync(System.Int32)
        await sem.WaitAsync(1);
        // M:System.Threading.SemaphoreSlim.WaitAsync(System.TimeSpan)
        await sem.WaitAsync(span);
        // M:System.Threading.SemaphoreSlim.WaitAsync(System.Int32,System.Threading.CancellationToken)
        await sem.WaitAsync(1, token);
        // M:System.Threading.SemaphoreSlim.WaitAsync(System.TimeSpan,System.Threading.CancellationToken)
        await sem.WaitAsync(span, token);
        // T:System.Random
        _ = Random.Shared;
        // T:System.Security.Cryptography.RandomNumberGenerator
        System.Security.Cryptography.RandomNumberGenerator.Fill(new byte[1]);
        // M:System.Guid.NewGuid
        _ = Guid.NewGuid();
        // M:System.Guid.CreateVersion7
        _ = Guid.CreateVersion7();
        // M:System.Guid.CreateVersion7(System.DateTimeOffset)
        _ = Guid.CreateVersion7(default);
        // T:System.HashCode
        _ = HashCode.Combine(1, 2);
        // M:System.String.GetHashCode
        _ = "x".GetHashCode();
        // M:System.String.GetHashCode(System.StringComparison)
        _ = "x".GetHashCode(StringComparison.Ordinal);
        // T:System.Collections.Immutable.ImmutableDictionary`2
        _ = System.Collections.Immutable.ImmutableDictionary<string, int>.Empty;
        // T:System.Collections.Immutable.ImmutableHashSet`1
        _ = System.Collections.Immutable.ImmutableHashSet<string>.Empty;
        // T:System.Collections.Concurrent.ConcurrentDictionary`2
        _ = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        // T:System.Threading.Lock
        _ = new Lock();
        // T:System.Threading.Thread
        _ = new Thread(static () => { });
        // T:System.Threading.ThreadPool
        _ = ThreadPool.QueueUserWorkItem(static _ => { });
        // T:System.Threading.Tasks.Parallel
        Parallel.For(0, 1, static _ => { });
        // T:System.Threading.Tasks.TaskFactory
        _ = Task.Factory.StartNew(static () => { });
        // M:System.Threading.Tasks.Task.Run(System.Action)
        await Task.Run(static () => { });
        // M:System.Threading.Tasks.Task.Run(System.Action,System.Threading.CancellationToken)
        await Task.Run(static () => { }, token);
        // M:System.Threading.Tasks.Task.Run(System.Func{System.Threading.Tasks.Task})
        await Task.Run(() => a);
        // M:System.Threading.Tasks.Task.Run(System.Func{System.Threading.Tasks.Task},System.Threading.CancellationToken)
        await Task.Run(() => a, token);
        // M:System.Threading.Tasks.Task.Run``1(System.Func{``0})
        _ = await Task.Run(() => 1);
        // M:System.Threading.Tasks.Task.Run``1(System.Func{``0},System.Threading.CancellationToken)
        _ = await Task.Run(() => 1, token);
        // M:System.Threading.Tasks.Task.Run``1(System.Func{System.Threading.Tasks.Task{``0}})
        _ = await Task.Run(() => c);
        // M:System.Threading.Tasks.Task.Run``1(System.Func{System.Threading.Tasks.Task{``0}},System.Threading.CancellationToken)
        _ = await Task.Run(() => c, token);
        // M:System.Threading.Tasks.Task.ConfigureAwait(System.Boolean)
        await a.ConfigureAwait(false);
        // M:System.Threading.Tasks.Task.ConfigureAwait(System.Threading.Tasks.ConfigureAwaitOptions)
        await a.ConfigureAwait(ConfigureAwaitOptions.None);
        // M:System.Threading.Tasks.Task`1.ConfigureAwait(System.Boolean)
        _ = await c.ConfigureAwait(false);
        // M:System.Threading.Tasks.ValueTask.ConfigureAwait(System.Boolean)
        await v.ConfigureAwait(false);
        // M:System.Threading.Tasks.ValueTask`1.ConfigureAwait(System.Boolean)
        _ = await w.ConfigureAwait(false);
        // M:System.Threading.Tasks.Task.WhenAll(System.ReadOnlySpan{System.Threading.Tasks.Task})
        await Task.WhenAll(a, b);
        // M:System.Threading.Tasks.Task.WhenAll``1(System.ReadOnlySpan{System.Threading.Tasks.Task{``0}})
        _ = await Task.WhenAll(c, d);
        // M:System.Threading.Tasks.Task.WhenAny(System.ReadOnlySpan{System.Threading.Tasks.Task})
        _ = await Task.WhenAny(a, b, a);
        // M:System.Threading.Tasks.Task.WhenAny(System.Threading.Tasks.Task,System.Threading.Tasks.Task)
        _ = await Task.WhenAny(a, b);
        // M:System.Threading.Tasks.Task.WhenAny(System.Threading.Tasks.Task[])
        _ = await Task.WhenAny(new Task[] { a, b, a });
        // M:System.Threading.Tasks.Task.WhenAny``1(System.ReadOnlySpan{System.Threading.Tasks.Task{``0}})
        _ = await Task.WhenAny(c, d, c);
        // M:System.Threading.Tasks.Task.WhenEach(System.Collections.Generic.IEnumerable{System.Threading.Tasks.Task})
        _ = Task.WhenEach(list);
        // M:System.Threading.Tasks.Task.WhenEach``1(System.Collections.Generic.IEnumerable{System.Threading.Tasks.Task{``0}})
        _ = Task.WhenEach(listOfInt);
        // T:System.IO.File
        _ = System.IO.File.Exists("x");
        // T:System.IO.FileInfo
        _ = new System.IO.FileInfo("x");
        // T:System.IO.FileStream
        _ = new System.IO.FileStream("x", System.IO.FileMode.Open);
        // T:System.IO.RandomAccess
        _ = System.IO.RandomAccess.GetLength(null!);
        // T:System.IO.Directory
        _ = System.IO.Directory.Exists("x");
        // T:System.IO.DirectoryInfo
        _ = new System.IO.DirectoryInfo("x");
        // N:System.Net.Sockets
        _ = new System.Net.Sockets.UdpClient();
        // N:System.Net.Http
        _ = new System.Net.Http.HttpClient();
        // T:System.Net.Dns
        _ = System.Net.Dns.GetHostName();
        // T:System.Diagnostics.Process
        _ = System.Diagnostics.Process.GetCurrentProcess();
        // T:System.Environment
        _ = Environment.MachineName;
        // T:System.Console
        Console.WriteLine();
        // T:System.GC
        GC.Collect();
        // T:System.Threading.Channels.Channel
        _ = System.Threading.Channels.Channel.CreateUnbounded<int>();
        // M:System.Threading.CancellationTokenSource.CancelAsync
        await cts.CancelAsync();
    }
}

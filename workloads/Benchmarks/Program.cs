using System;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using ObjectStore.Workloads.Benchmarks.Erasure;
using ObjectStore.Workloads.Benchmarks.Metadata;
using ObjectStore.Workloads.Benchmarks.Network;

namespace ObjectStore.Workloads.Benchmarks;

/// <summary>Benchmarks of hot paths, each beside a peer or the machine's limit in the same run.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["erasure-table", .. string[] rest])
        {
            return ErasureTableCommand.Run(rest);
        }

        if (arguments is ["network", ..])
        {
            NetworkBench.RunAsync(TimeSpan.FromSeconds(arguments is [_, { } seconds] ? int.Parse(seconds) : 3)).GetAwaiter().GetResult();
            return 0;
        }

        if (arguments is ["metadata", .. string[] settings])
        {
            return MetadataCommand.RunAsync(settings).GetAwaiter().GetResult();
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(
            arguments,
            DefaultConfig.Instance
                .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
                .AddExporter(MarkdownExporter.GitHub)
                .AddExporter(JsonExporter.BriefCompressed));
        return 0;
    }
}

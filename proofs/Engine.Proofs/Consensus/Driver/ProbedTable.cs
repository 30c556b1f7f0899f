using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Cli.Simulation;

namespace ObjectStore.Engine.Proofs.Consensus.Driver;

/// <summary>The simulator's replicated table, with what a proof may do to it.</summary>
internal sealed class ProbedTable(TableMachine table) : IReplicatedStateMachine
{
    /// <summary>A planted bug: the last row is missing in every snapshot.</summary>
    internal bool CutsSnapshots { get; init; }

    /// <summary>Awaited before every apply.</summary>
    internal Func<Task>? Slow { get; set; }

    public LogIndex AppliedIndex => table.AppliedIndex;

    internal TableMachine Table => table;

    public async ValueTask<object?> ApplyAsync(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        if (Slow is not null)
        {
            await Slow();
        }

        return await table.ApplyAsync(index, term, command);
    }

    public ISnapshotSource OpenSnapshot() => CutsSnapshots ? new CutSource(table.OpenSnapshot()) : table.OpenSnapshot();

    public ValueTask<ISnapshotInstaller> BeginInstallAsync(LogIndex index, Term term) => table.BeginInstallAsync(index, term);

    /// <summary>All rows of a snapshot but the last.</summary>
    private sealed class CutSource(ISnapshotSource whole) : ISnapshotSource
    {
        private byte[]? _kept;
        private int _read;

        public async ValueTask<int> ReadChunkAsync(Memory<byte> buffer)
        {
            _kept ??= await CutAsync(buffer.Length);
            int count = Math.Min(buffer.Length, _kept.Length - _read);
            _kept.AsMemory(_read, count).CopyTo(buffer);
            _read += count;
            return count;
        }

        public void Dispose() => whole.Dispose();

        private async Task<byte[]> CutAsync(int chunkLength)
        {
            var bytes = new List<byte>();
            byte[] chunk = new byte[chunkLength];
            while (await whole.ReadChunkAsync(chunk) is > 0 and int count)
            {
                bytes.AddRange(chunk.AsSpan(0, count));
            }

            var reader = new ByteReader(bytes.ToArray());
            int lastRow = 0;
            while (reader.Remaining > 0)
            {
                lastRow = bytes.Count - reader.Remaining;
                reader.Text();
                reader.Bytes();
            }

            return [.. bytes[..lastRow]];
        }
    }
}

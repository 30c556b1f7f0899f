using System.Runtime.InteropServices;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>Intel's ISA-L as Debian ships it (package libisal2): the peer of the erasure benchmarks, used nowhere else.</summary>
internal static partial class IsaL
{
    internal static bool IsInstalled { get; } = NativeLibrary.TryLoad(Library, out _);

    private const string Library = "libisal.so.2";

    [LibraryImport(Library, EntryPoint = "ec_init_tables")]
    internal static unsafe partial void InitializeTables(int inputs, int outputs, byte* matrix, byte* tables);

    [LibraryImport(Library, EntryPoint = "ec_encode_data")]
    internal static unsafe partial void Encode(int lengthBytes, int inputs, int outputs, byte* tables, byte** from, byte** to);
}

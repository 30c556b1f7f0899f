namespace ObjectStore.Engine.Erasure;

/// <summary>One table look-up a byte; the yardstick for the others and their tail.</summary>
internal sealed class ScalarKernel : IShardKernel
{
    public string Name => "scalar";

    public unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes, ShardStores stores) => RunFrom(program, inputs, outputs, 0, lengthBytes);

    /// <summary>The bytes from <paramref name="start"/> on.</summary>
    internal static unsafe void RunFrom(CodingProgram program, byte** inputs, byte** outputs, nint start, nint lengthBytes)
    {
        if (start >= lengthBytes)
        {
            return;
        }

        for (int output = 0; output < program.Outputs; output++)
        {
            byte* to = outputs[output];
            for (int input = 0; input < program.Inputs; input++)
            {
                byte* from = inputs[input];
                fixed (byte* row = GaloisField.Row(program.Matrix[output * program.Inputs + input]))
                {
                    if (input == 0)
                    {
                        for (nint at = start; at < lengthBytes; at++)
                        {
                            to[at] = row[from[at]];
                        }
                    }
                    else
                    {
                        for (nint at = start; at < lengthBytes; at++)
                        {
                            to[at] ^= row[from[at]];
                        }
                    }
                }
            }
        }
    }
}

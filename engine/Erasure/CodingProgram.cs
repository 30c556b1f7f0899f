using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Erasure;

/// <summary>A matrix made ready for the kernels: <c>outputs = matrix × inputs</c>, byte by byte.</summary>
public sealed class CodingProgram
{
    /// <summary>Outputs that one pass over the inputs makes.</summary>
    internal const int Group = 4;

    private readonly bool[] _firstRowIsOnes;
    private readonly int[] _order;

    internal CodingProgram(byte[] matrix, int inputs, int outputs)
    {
        (Matrix, Inputs, Outputs) = (matrix, inputs, outputs);
        int groups = (outputs + Group - 1) / Group;
        Affine = new ulong[groups * inputs * Group];
        Nibbles = new byte[groups * inputs * Group * 32];
        _firstRowIsOnes = new bool[groups];
        _order = Visits(inputs);
        for (int group = 0; group < groups; group++)
        {
            _firstRowIsOnes[group] = !matrix.AsSpan(group * Group * inputs, inputs).ContainsAnyExcept((byte)1);
        }

        for (int output = 0; output < outputs; output++)
        {
            for (int visit = 0; visit < inputs; visit++)
            {
                int input = _order[visit];
                byte factor = matrix[output * inputs + input];
                Affine[Slot(output, visit)] = GaloisField.AffineMatrix(factor);
                int table = Slot(output, input) * 32;
                for (int nibble = 0; nibble < 16; nibble++)
                {
                    Nibbles[table + nibble] = GaloisField.Multiply(factor, (byte)nibble);
                    Nibbles[table + 16 + nibble] = GaloisField.Multiply(factor, (byte)(nibble << 4));
                }
            }
        }

        int Slot(int output, int column) => (output / Group * inputs + column) * Group + output % Group;
    }

    /// <summary>Shards read.</summary>
    public int Inputs { get; }

    /// <summary>Shards written.</summary>
    public int Outputs { get; }

    /// <summary>The inputs in the order in which the affine kernel reads them, and in which its matrices lie.</summary>
    public ReadOnlySpan<int> Order => _order;

    /// <summary>Whether the output <paramref name="first"/>, the first of its group, is the plain XOR of the inputs.</summary>
    internal bool FirstRowIsOnes(int first) => _firstRowIsOnes[first / Group];

    /// <summary><c>[outputs][inputs]</c>.</summary>
    internal byte[] Matrix { get; }

    /// <summary><c>[groups][visits][Group]</c> bit matrices.</summary>
    internal ulong[] Affine { get; }

    /// <summary><c>[groups][inputs][Group][32]</c>: products of the low nibbles, then of the high nibbles.</summary>
    internal byte[] Nibbles { get; }

    /// <summary>Puts the inputs in order for a kernel.</summary>
    internal unsafe void Arrange(byte** inputs, byte** ordered)
    {
        for (int visit = 0; visit < _order.Length; visit++)
        {
            ordered[visit] = inputs[_order[visit]];
        }
    }

    /// <summary>Pairs of the lower and the upper half, every second one turned round; an odd input last.</summary>
    /// <remarks>
    /// A stripe's shards lie at equal distances. Were they read in their order, a load in a loop over pairs would see the same step again and again, and a
    /// prefetcher that follows steps would fetch along it, across the streams: a third slower in cache on Zen 5. In this order no load sees a step twice running.
    /// </remarks>
    private static int[] Visits(int inputs)
    {
        int[] order = new int[inputs];
        order[inputs - 1] = inputs - 1;
        int half = inputs / 2;
        for (int pair = 0; pair < half; pair++)
        {
            int turn = pair % 2;
            order[2 * pair + turn] = pair;
            order[2 * pair + 1 - turn] = half + pair;
        }

        return order;
    }
}

/// <summary>How to make missing shards out of present ones. Immutable; worth keeping while the same shards are missing.</summary>
public sealed class ReconstructionPlan
{
    internal ReconstructionPlan(int[] sources, int[] wanted, CodingProgram program) => (Sources, Wanted, Program) = (sources, wanted, program);

    /// <summary>The k shards to read, ascending.</summary>
    public IReadOnlyList<int> Sources { get; }

    /// <summary>The shards it makes.</summary>
    public IReadOnlyList<int> Wanted { get; }

    /// <summary>What the kernels carry out.</summary>
    public CodingProgram Program { get; }

    /// <summary><c>[wanted][k]</c>: the coefficients.</summary>
    public ReadOnlySpan<byte> Matrix => Program.Matrix;
}

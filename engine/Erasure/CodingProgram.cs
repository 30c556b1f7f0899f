using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Erasure;

/// <summary>A matrix made ready for the kernels: <c>outputs = matrix × inputs</c>, byte by byte.</summary>
public sealed class CodingProgram
{
    /// <summary>Outputs that one pass over the inputs makes.</summary>
    internal const int Group = 4;

    private readonly bool[] _firstRowIsOnes;

    internal CodingProgram(byte[] matrix, int inputs, int outputs)
    {
        (Matrix, Inputs, Outputs) = (matrix, inputs, outputs);
        int groups = (outputs + Group - 1) / Group;
        Affine = new ulong[groups * inputs * Group];
        Nibbles = new byte[groups * inputs * Group * 32];
        _firstRowIsOnes = new bool[groups];
        for (int group = 0; group < groups; group++)
        {
            _firstRowIsOnes[group] = !matrix.AsSpan(group * Group * inputs, inputs).ContainsAnyExcept((byte)1);
        }

        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++)
            {
                byte factor = matrix[output * inputs + input];
                int slot = (output / Group * inputs + input) * Group + output % Group;
                Affine[slot] = GaloisField.AffineMatrix(factor);
                for (int nibble = 0; nibble < 16; nibble++)
                {
                    Nibbles[slot * 32 + nibble] = GaloisField.Multiply(factor, (byte)nibble);
                    Nibbles[slot * 32 + 16 + nibble] = GaloisField.Multiply(factor, (byte)(nibble << 4));
                }
            }
        }
    }

    /// <summary>Shards read.</summary>
    public int Inputs { get; }

    /// <summary>Shards written.</summary>
    public int Outputs { get; }

    /// <summary>Whether the output <paramref name="first"/>, the first of its group, is the plain XOR of the inputs.</summary>
    internal bool FirstRowIsOnes(int first) => _firstRowIsOnes[first / Group];

    /// <summary><c>[outputs][inputs]</c>.</summary>
    internal byte[] Matrix { get; }

    /// <summary><c>[groups][inputs][Group]</c> bit matrices.</summary>
    internal ulong[] Affine { get; }

    /// <summary><c>[groups][inputs][Group][32]</c>: products of the low nibbles, then of the high nibbles.</summary>
    internal byte[] Nibbles { get; }
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

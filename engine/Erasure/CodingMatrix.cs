using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Erasure;

/// <summary>Matrices over GF(2^8), row by row in one array.</summary>
public static class CodingMatrix
{
    /// <summary>
    /// The parity rows of a systematic code: a Cauchy matrix <c>[m][k]</c> with element 1 / (x_i + y_j), x_i = k + i, y_j = j, whose columns are scaled so that the
    /// first row is ones: (x_0 + y_j) / (x_i + y_j).
    /// </summary>
    /// <remarks>
    /// Every square submatrix of a Cauchy matrix is invertible, so any k rows of the identity stacked on it are, too: any m losses can be undone. Scaling a column
    /// by a factor other than zero leaves that so. The row of ones makes the first parity shard a plain XOR, and so is undoing the loss of one data shard.
    /// Source: Blömer et al., "An XOR-Based Erasure-Resilient Coding Scheme", ICSI TR-95-048, 1995; Plank and Xu, "Optimizing Cauchy Reed-Solomon Codes", NCA'06.
    /// </remarks>
    public static byte[] CauchyParity(int dataShards, int parityShards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dataShards, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(parityShards);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataShards + parityShards, ErasureCode.ShardsMax);
        var matrix = new byte[parityShards * dataShards];
        for (int row = 0; row < parityShards; row++)
        {
            for (int column = 0; column < dataShards; column++)
            {
                byte scale = (byte)(dataShards ^ column);
                matrix[row * dataShards + column] = GaloisField.Multiply(scale, GaloisField.Invert((byte)((dataShards + row) ^ column)));
            }
        }

        return matrix;
    }

    /// <summary>The inverse of a square matrix by Gauss–Jordan elimination; a singular one is a bug.</summary>
    public static byte[] Invert(ReadOnlySpan<byte> matrix, int size)
    {
        byte[] work = matrix.ToArray();
        var inverse = new byte[size * size];
        for (int i = 0; i < size; i++)
        {
            inverse[i * size + i] = 1;
        }

        for (int pivot = 0; pivot < size; pivot++)
        {
            int row = pivot;
            while (row < size && work[row * size + pivot] == 0)
            {
                row++;
            }

            Invariant.Check(row < size, "singular coding matrix");
            if (row != pivot)
            {
                Swap(work, size, row, pivot);
                Swap(inverse, size, row, pivot);
            }

            byte factor = GaloisField.Invert(work[pivot * size + pivot]);
            Scale(work, size, pivot, factor);
            Scale(inverse, size, pivot, factor);
            for (int other = 0; other < size; other++)
            {
                byte multiple = work[other * size + pivot];
                if (other != pivot && multiple != 0)
                {
                    AddMultiple(work, size, other, pivot, multiple);
                    AddMultiple(inverse, size, other, pivot, multiple);
                }
            }
        }

        return inverse;
    }

    private static void Swap(byte[] matrix, int size, int a, int b)
    {
        for (int column = 0; column < size; column++)
        {
            (matrix[a * size + column], matrix[b * size + column]) = (matrix[b * size + column], matrix[a * size + column]);
        }
    }

    private static void Scale(byte[] matrix, int size, int row, byte factor)
    {
        for (int column = 0; column < size; column++)
        {
            matrix[row * size + column] = GaloisField.Multiply(matrix[row * size + column], factor);
        }
    }

    private static void AddMultiple(byte[] matrix, int size, int to, int from, byte factor)
    {
        for (int column = 0; column < size; column++)
        {
            matrix[to * size + column] ^= GaloisField.Multiply(matrix[from * size + column], factor);
        }
    }
}

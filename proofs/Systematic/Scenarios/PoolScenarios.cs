using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Systematic.Scenarios;

/// <summary>The pool of aligned buffers, rented and given back by several threads.</summary>
public static class PoolScenarios
{
    private const int SizeBytes = 4096;
    private const int Users = 3;

    /// <summary>Nobody gets memory that somebody else still has, and the pool keeps no more than it may.</summary>
    public static async Task Memory_has_one_user_at_a_time()
    {
        var pool = new AlignedPool(2 * SizeBytes, SizeBytes);
        var users = new Task[Users];
        for (int user = 0; user < Users; user++)
        {
            byte mark = (byte)(user + 1);
            users[user] = Task.Run(() =>
            {
                for (int turn = 0; turn < 2; turn++)
                {
                    using AlignedMemory memory = pool.Rent(SizeBytes);
                    memory.Memory.Span[0] = mark;
                    long idle = pool.IdleBytes;
                    if (memory.Memory.Span[0] != mark)
                    {
                        throw new InvalidOperationException("memory with two users");
                    }

                    if (idle > 2 * SizeBytes)
                    {
                        throw new InvalidOperationException($"{idle} bytes kept");
                    }
                }
            });
        }

        await Task.WhenAll(users);
        if (pool.RentedBytes != 0)
        {
            throw new InvalidOperationException($"{pool.RentedBytes} bytes never came back");
        }
    }
}

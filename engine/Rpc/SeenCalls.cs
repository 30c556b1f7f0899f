namespace ObjectStore.Engine.Rpc;

/// <summary>Which calls of one caller's instance have been taken, so that a repeated frame is not run again.</summary>
/// <remarks>
/// A sliding bitmap over call numbers. Invariant: a number is taken at most once; one that has fallen behind the window counts as taken, so a frame that was
/// overtaken by a whole window of later ones is lost, never repeated.
/// </remarks>
internal sealed class SeenCalls
{
    private const int Window = 1 << 16;
    private readonly ulong[] _bits = new ulong[Window / 64];
    private ulong _highest;

    /// <summary>True for the first frame of a call.</summary>
    internal bool TryTake(ulong call)
    {
        if (call > _highest)
        {
            ulong fresh = ulong.Min(call - _highest, Window);
            for (ulong i = 1; i <= fresh; i++)
            {
                Clear((call - fresh + i) % Window);
            }

            _highest = call;
        }
        else if (_highest - call >= Window)
        {
            return false;
        }

        ulong at = call % Window;
        ulong bit = 1UL << (int)(at % 64);
        bool first = (_bits[at / 64] & bit) == 0;
        _bits[at / 64] |= bit;
        return first;
    }

    private void Clear(ulong at) => _bits[at / 64] &= ~(1UL << (int)(at % 64));
}

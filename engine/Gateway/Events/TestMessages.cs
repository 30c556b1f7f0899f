using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Messages by which configurations try their targets: few at a time to each, as otherwise whoever may configure a bucket could have as many sent to somebody else as he makes requests. Any thread.</summary>
internal sealed class TestMessages
{
    /// <summary>Messages on their way to one target, at most.</summary>
    internal const int UnderWayMax = 4;

    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);

    /// <summary>Sends one.</summary>
    /// <returns>As <see cref="IEventTarget.SendAsync"/>.</returns>
    /// <exception cref="S3Exception">SlowDown: so many are on their way to the target already.</exception>
    internal async Task<string?> SendAsync(IEventTarget target, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        Enter(target.Name);
        try
        {
            return await target.SendAsync(message, cancellation);
        }
        finally
        {
            lock (_underWay)
            {
                _underWay[target.Name]--;
            }
        }
    }

    private void Enter(string target)
    {
        lock (_underWay)
        {
            int others = _underWay.GetValueOrDefault(target);
            _underWay[target] = others < UnderWayMax ? others + 1 : throw new S3Exception(S3Errors.SlowDown);
        }
    }
}

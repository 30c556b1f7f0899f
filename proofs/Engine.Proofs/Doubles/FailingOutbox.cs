using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Doubles;

/// <summary>Events that wait, some of which cannot be removed at once, or that another node is to tell.</summary>
internal sealed class FailingOutbox(IEventOutbox inner) : IEventOutbox
{
    public string Name => inner.Name;

    /// <summary>So many removals fail without effect.</summary>
    internal int RemovalsThatFail { get; set; }

    /// <summary>Whether this node tells.</summary>
    internal bool IsLed { get; set; } = true;

    public async Task<EventPage> ReadAsync(string target, int eventsMax)
    {
        EventPage page = await inner.ReadAsync(target, eventsMax);
        return IsLed ? page : new EventPage(page.Stamp, IsLed: false, 0, 0, []);
    }

    public Task RemoveAsync(string target, EventPlace upTo) => RemovalsThatFail-- > 0
        ? throw new StorageException(StorageError.OutcomeUnknown, "outbox", -1, "not removed")
        : inner.RemoveAsync(target, upTo);

    public Task<IReadOnlyList<KeyValuePair<string, long>>> ListAsync() => inner.ListAsync();

    public Task WaitAsync(ulong stamp) => inner.WaitAsync(stamp);
}

using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Content that is pulled: a request's body, or an object that is being copied.</summary>
internal interface IContentSource
{
    /// <summary>Length when it is known beforehand.</summary>
    long? LengthBytes { get; }

    /// <summary>Fills <paramref name="destination"/> as far as the content goes: fewer bytes than asked for only at its end.</summary>
    ValueTask<int> ReadAsync(Memory<byte> destination);

    /// <summary>Ends when the source is done with what the last <see cref="ReadAsync"/> gave: those bytes may be read meanwhile, but must stay as they are. Never fails.</summary>
    Task Digesting { get; }
}

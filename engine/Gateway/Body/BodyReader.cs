using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Pulls a request's content, free of its framing, and hashes it on the way. One caller at a time.</summary>
public sealed class BodyReader : IDisposable
{
    /// <summary>Starts reading; what can be refused by the headers alone is refused here. On failure <paramref name="failure"/> says more.</summary>
    public static Outcome<BodyReader, BodyError> Open(S3Request request, in AuthResult auth, BodyOptions options, out BodyFailure? failure) =>
        throw new NotImplementedException();

    /// <summary>Content length when the client stated it (without framing), else null.</summary>
    public long? LengthBytes => throw new NotImplementedException();

    /// <summary>More on the error that <see cref="ReadAsync"/> or <see cref="CompleteAsync"/> gave; null before.</summary>
    public BodyFailure? Failure => throw new NotImplementedException();

    /// <summary>Fills <paramref name="destination"/> as far as the content goes: fewer bytes than asked for only at its end, 0 after it.</summary>
    public ValueTask<Outcome<int, BodyError>> ReadAsync(Memory<byte> destination, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Verifies lengths, trailer, signatures and digests. Content left unread is refused as too long: read until 0 first.</summary>
    public ValueTask<Outcome<BodyDigests, BodyError>> CompleteAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Pulls a request's content, free of its framing, and hashes it on the way: each byte is copied once. One caller at a time; dispose it.</summary>
/// <remarks>What is read is believed only after <see cref="CompleteAsync"/> has verified it.</remarks>
public sealed class BodyReader : IDisposable
{
    private readonly PipeReader _pipe;
    private readonly BodyPlan _plan;
    private readonly long _sizeBytesMax;
    private readonly AwsChunkedDecoder? _decoder;
    private readonly BodyHasher _hasher;
    private long _readBytes;
    private bool _ended;
    private Task _digesting = Task.CompletedTask;

    private BodyReader(S3Request request, in AuthResult auth, BodyPlan plan, BodyOptions options)
    {
        (_pipe, _plan, _sizeBytesMax) = (request.Body, plan, options.SizeBytesMax);
        _decoder = plan.IsFramed ? new AwsChunkedDecoder(plan.LengthBytes!.Value, auth.Payload, auth.Chunks, plan.Trailer) : null;
        _hasher = new BodyHasher(
            options.Md5 || plan.Md5Expected is not null,
            plan.Sha256Expected is not null,
            plan.Algorithm,
            options.Md5Pool,
            plan.LengthBytes);
        _ended = !plan.IsFramed && plan.LengthBytes == 0;
    }

    /// <summary>Content length when the client stated it (without framing), else null.</summary>
    public long? LengthBytes => _plan.LengthBytes;

    /// <summary>Ends when the digests have what the last <see cref="ReadAsync"/> gave: until then those bytes must stay as they are. Never fails.</summary>
    /// <remarks>The MD5 of a chunk takes longer than the network or the disk do: it is computed while the chunk is written and the next one comes in.</remarks>
    public Task Digesting => _digesting;

    /// <summary>More on the error that <see cref="ReadAsync"/> or <see cref="CompleteAsync"/> gave; null before.</summary>
    public BodyFailure? Failure { get; private set; }

    /// <summary>Starts reading; what can be refused by the headers alone is refused here. On failure <paramref name="failure"/> says more.</summary>
    /// <param name="request">The request; its body belongs to the reader from now on.</param>
    /// <param name="auth">What the signature says about the body. Its chunk chain is used up.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="failure">Null on success.</param>
    public static Outcome<BodyReader, BodyError> Open(S3Request request, in AuthResult auth, BodyOptions options, out BodyFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        BodyPlan plan = new();
        failure = plan.Read(request, auth, options);
        return failure is null ? new BodyReader(request, auth, plan, options) : failure.Error;
    }

    /// <summary>Fills <paramref name="destination"/> as far as the content goes: fewer bytes than asked for only at its end, 0 after it.</summary>
    /// <param name="destination">Not empty; not to be changed before <see cref="Digesting"/> ended; after an error its content means nothing.</param>
    /// <param name="cancellation">Gives up; the reader is then of no further use.</param>
    public async ValueTask<Outcome<int, BodyError>> ReadAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        if (destination.IsEmpty)
        {
            throw new ArgumentException("room for at least one byte is needed", nameof(destination));
        }

        int filled = 0;
        while (filled < destination.Length && !_ended && Failure is null)
        {
            ReadResult result;
            try
            {
                result = await _pipe.ReadAsync(cancellation);
            }
            catch (IOException)
            {
                Failure = BodyFailures.Timeout;
                break;
            }

            filled += _decoder is null ? TakePlain(result, destination.Span[filled..]) : TakeFramed(_decoder, result, destination.Span[filled..]);
        }

        if (Failure is null && filled > 0)
        {
            await _digesting;
            _digesting = _hasher.AppendMd5Async(destination[..filled]).AsTask();
        }

        return Failure is null ? filled : Failure.Error;
    }

    /// <summary>Verifies lengths, trailer, signatures and digests. Content left unread is refused as too long.</summary>
    public async ValueTask<Outcome<BodyDigests, BodyError>> CompleteAsync(CancellationToken cancellation)
    {
        if (!_ended && Failure is null)
        {
            Outcome<int, BodyError> rest = await ReadAsync(new byte[1], cancellation);
            if (rest.Ok && rest.Value > 0)
            {
                Failure = BodyFailures.Incomplete;
            }
        }

        if (Failure is not null)
        {
            return Failure.Error;
        }

        await _digesting;
        BodyDigests digests = Verify();
        return Failure is null ? digests : Failure.Error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hasher.Dispose();
        _decoder?.Dispose();
    }

    private int TakePlain(in ReadResult result, Span<byte> destination)
    {
        ReadOnlySequence<byte> input = result.Buffer;
        long left = (_plan.LengthBytes ?? long.MaxValue) - _readBytes;
        int count = (int)Math.Min(Math.Min(input.Length, destination.Length), left);
        input.Slice(0, count).CopyTo(destination);
        _hasher.Append(destination[..count]);
        _readBytes += count;
        bool drained = count == input.Length;
        _pipe.AdvanceTo(input.GetPosition(count));
        _ended = count == left || (drained && result.IsCompleted);
        if (_ended && _plan.LengthBytes is { } length && _readBytes < length)
        {
            Failure = BodyFailures.Incomplete;
        }
        else if (_readBytes > _sizeBytesMax)
        {
            Failure = BodyFailures.TooLarge(null, _sizeBytesMax);
        }

        return count;
    }

    private int TakeFramed(AwsChunkedDecoder decoder, in ReadResult result, Span<byte> destination)
    {
        ReadOnlySequence<byte> input = result.Buffer;
        int count = decoder.Decode(ref input, result.IsCompleted, destination);
        _hasher.Append(destination[..count]);
        _readBytes += count;

        // What is left over is half a line, or more content than there is room for; only the first needs more input.
        _pipe.AdvanceTo(input.Start, count == destination.Length ? input.Start : result.Buffer.End);
        _ended = decoder.Ended;
        Failure = decoder.Failure;
        return count;
    }

    private BodyDigests Verify()
    {
        (byte[] md5, byte[] sha256, byte[] checksum) = _hasher.Finish();
        byte[]? checksumExpected = _plan.ChecksumExpected;
        if (_decoder?.TrailerValue is { } trailer && !ChecksumNames.TryParseDigest(_plan.Algorithm, trailer, out checksumExpected))
        {
            Failure = BodyFailures.InvalidTrailerChecksum(_plan.Trailer!);
        }
        else if (_plan.Sha256Expected is { } sha256Expected && !CryptographicOperations.FixedTimeEquals(sha256, sha256Expected))
        {
            Failure = BodyFailures.Sha256(sha256Expected, sha256);
        }
        else if (_plan.Md5Expected is { } md5Expected && !md5.AsSpan().SequenceEqual(md5Expected))
        {
            Failure = BodyFailures.Md5(md5Expected, md5);
        }
        else if (checksumExpected is not null && !checksum.AsSpan().SequenceEqual(checksumExpected))
        {
            Failure = BodyFailures.Checksum(_plan.Algorithm);
        }

        ObjectChecksum? computed = _plan.Algorithm == ChecksumAlgorithm.None
            ? null
            : new ObjectChecksum(_plan.Algorithm, ChecksumType.FullObject, checksum, 0);
        return new BodyDigests(_readBytes, md5, computed, checksumExpected is not null);
    }
}

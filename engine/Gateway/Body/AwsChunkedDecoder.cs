using System;
using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Gateway;

/// <summary>
/// Takes the <c>aws-chunked</c> framing off a body and verifies its signatures:
/// <code>
/// (hex-size [;chunk-signature=64 hex] CRLF data CRLF)*
/// 0 [;chunk-signature=64 hex] CRLF
/// (name:value CRLF)* [x-amz-trailer-signature:64 hex CRLF]
/// CRLF
/// </code>
/// Data is handed out before its chunk's signature is checked: whoever stores it must wait for the end. Source: Amazon S3 API reference, "Signature
/// calculations ... multiple chunks" and "... including trailing headers".
/// </summary>
internal sealed class AwsChunkedDecoder : IDisposable
{
    /// <summary>Signed or not, only the last chunk may be smaller.</summary>
    public const int ChunkSizeBytesMin = 8 * 1024;

    /// <summary>Longest line of framing or trailer, with its end.</summary>
    public const int LineLengthMax = 1024;

    /// <summary>Most lines in a trailer.</summary>
    public const int TrailerLinesMax = 8;

    private const int SizeDigitsMax = 15;
    private const string TrailerSignature = "x-amz-trailer-signature";

    private readonly long _lengthBytes;
    private readonly PayloadMode _mode;
    private readonly ChunkSignatureChain? _chain;
    private readonly string? _trailerName;
    private readonly IncrementalHash? _sha256;
    private readonly byte[] _signature = new byte[ChunkSignatureChain.SignatureLength];
    private State _state = State.Header;
    private long _decodedBytes;
    private long _chunkBytes;
    private long _chunkBytesLeft;
    private int _chunkNumber;
    private int _trailerLines;
    private bool _trailerSigned;

    /// <summary>Starts at the first chunk's header.</summary>
    /// <param name="lengthBytes">What <c>x-amz-decoded-content-length</c> states.</param>
    /// <param name="mode">One of the streaming modes.</param>
    /// <param name="chain">For the signed modes.</param>
    /// <param name="trailerName">The trailing header announced, lower case; null for none.</param>
    public AwsChunkedDecoder(long lengthBytes, PayloadMode mode, ChunkSignatureChain? chain, string? trailerName)
    {
        (_lengthBytes, _mode, _chain, _trailerName) = (lengthBytes, mode, chain, trailerName);
        _sha256 = chain is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    private enum State
    {
        Header,
        Data,
        DataEnd,
        Trailer,
        Surplus,
        Ended,
    }

    /// <summary>Everything was read and verified.</summary>
    public bool Ended => _state == State.Ended;

    /// <summary>Why the body is refused; final.</summary>
    public BodyFailure? Failure { get; private set; }

    /// <summary>Value of the announced trailing header, once <see cref="Ended"/>.</summary>
    public string? TrailerValue { get; private set; }

    /// <summary>Decodes as much as there is and fits.</summary>
    /// <param name="input">Framed bytes; on return, what is left of them.</param>
    /// <param name="isLast">No more will come after <paramref name="input"/>.</param>
    /// <param name="destination">Gets content.</param>
    /// <returns>Bytes of content. Unless <see cref="Ended"/>, failed or full, more input is needed.</returns>
    public int Decode(ref ReadOnlySequence<byte> input, bool isLast, Span<byte> destination)
    {
        int written = 0;
        bool progress = true;
        while (progress && Failure is null && _state != State.Ended && !(_state == State.Data && written == destination.Length))
        {
            progress = _state switch
            {
                State.Header => ReadHeader(ref input, isLast),
                State.Data => ReadData(ref input, isLast, destination, ref written),
                State.DataEnd => ReadDataEnd(ref input, isLast),
                State.Trailer => ReadTrailer(ref input, isLast),
                _ => ReadSurplus(input, isLast),
            };
        }

        return written;
    }

    public void Dispose() => _sha256?.Dispose();

    private bool ReadHeader(ref ReadOnlySequence<byte> input, bool isLast)
    {
        Span<byte> buffer = stackalloc byte[LineLengthMax];
        if (!TryReadLine(ref input, isLast, buffer, out ReadOnlySpan<byte> line))
        {
            return false;
        }

        int digits = line.IndexOf((byte)';');
        ReadOnlySpan<byte> extension = digits < 0 ? default : line[digits..];
        if (!TryParseSize(digits < 0 ? line : line[..digits], out long size) || size > _lengthBytes - _decodedBytes)
        {
            return Fail(BodyFailures.Framing);
        }

        if (size > 0 && _chunkNumber > 0 && _chunkBytes < ChunkSizeBytesMin)
        {
            return Fail(BodyFailures.ChunkSize(_chunkNumber, _chunkBytes));
        }

        if (_chain is not null && !TakeSignature(extension))
        {
            return Fail(BodyFailures.Signature);
        }

        _chunkNumber++;
        _chunkBytes = _chunkBytesLeft = size;
        _state = size > 0 ? State.Data : State.Trailer;
        return size > 0 || VerifyChunk();
    }

    private bool ReadData(ref ReadOnlySequence<byte> input, bool isLast, Span<byte> destination, ref int written)
    {
        int count = (int)Math.Min(Math.Min(_chunkBytesLeft, destination.Length - written), input.Length);
        Span<byte> target = destination.Slice(written, count);
        input.Slice(0, count).CopyTo(target);
        input = input.Slice(count);
        _sha256?.AppendData(target);
        written += count;
        _decodedBytes += count;
        _chunkBytesLeft -= count;
        if (_chunkBytesLeft == 0)
        {
            _state = State.DataEnd;
        }
        else if (isLast && input.IsEmpty)
        {
            return Fail(BodyFailures.Framing);
        }

        return count > 0;
    }

    private bool ReadDataEnd(ref ReadOnlySequence<byte> input, bool isLast)
    {
        if (input.Length < 2)
        {
            return isLast && Fail(BodyFailures.Framing);
        }

        Span<byte> end = stackalloc byte[2];
        input.Slice(0, 2).CopyTo(end);
        input = input.Slice(2);
        _state = State.Header;
        return end.SequenceEqual("\r\n"u8) ? VerifyChunk() : Fail(BodyFailures.Framing);
    }

    private bool VerifyChunk()
    {
        if (_chain is null)
        {
            return true;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _sha256!.GetHashAndReset(hash);
        return _chain.VerifyChunk(hash, _signature) || Fail(BodyFailures.Signature);
    }

    private bool ReadTrailer(ref ReadOnlySequence<byte> input, bool isLast)
    {
        if (isLast && input.IsEmpty)
        {
            return FinishTrailer();
        }

        Span<byte> buffer = stackalloc byte[LineLengthMax];
        if (!TryReadLine(ref input, isLast, buffer, out ReadOnlySpan<byte> line))
        {
            return false;
        }

        _trailerLines++;
        if (_trailerLines > TrailerLinesMax)
        {
            return Fail(BodyFailures.Trailer);
        }

        if (!line.IsEmpty)
        {
            return TakeTrailer(line) || Fail(BodyFailures.Trailer);
        }

        // Some signers end the trailing header with "\n\r\n", so that an empty line comes before the trailer's signature.
        bool awaitsSignature = _mode == PayloadMode.StreamingSignedTrailer && !_trailerSigned && TrailerValue is not null;
        return awaitsSignature || FinishTrailer();
    }

    private bool TakeTrailer(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        if (colon <= 0 || _trailerSigned || !Ascii.IsValid(line))
        {
            return false;
        }

        ReadOnlySpan<byte> name = line[..colon];
        ReadOnlySpan<byte> value = line[(colon + 1)..].Trim((byte)' ');
        if (_mode == PayloadMode.StreamingSignedTrailer && Ascii.EqualsIgnoreCase(name, TrailerSignature))
        {
            _trailerSigned = true;
            return VerifyTrailer(value);
        }

        bool announced = _trailerName is not null && TrailerValue is null && Ascii.EqualsIgnoreCase(name, _trailerName);
        TrailerValue = announced ? Encoding.ASCII.GetString(value) : TrailerValue;
        return announced;
    }

    private bool VerifyTrailer(ReadOnlySpan<byte> signature)
    {
        string trailer = TrailerValue is null ? "" : $"{_trailerName}:{TrailerValue}\n";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(trailer), hash);
        return _chain!.VerifyTrailer(hash, signature) || Fail(BodyFailures.Signature);
    }

    private bool FinishTrailer()
    {
        bool signed = _trailerSigned || _mode != PayloadMode.StreamingSignedTrailer;
        bool present = TrailerValue is not null || _trailerName is null;
        if (!signed || !present)
        {
            return Fail(BodyFailures.Trailer);
        }

        _state = State.Surplus;
        return _decodedBytes == _lengthBytes || Fail(BodyFailures.Incomplete);
    }

    private bool ReadSurplus(ReadOnlySequence<byte> input, bool isLast)
    {
        if (!input.IsEmpty)
        {
            return Fail(BodyFailures.Framing);
        }

        _state = isLast ? State.Ended : _state;
        return isLast;
    }

    /// <summary>Takes a line without its end; false when there is none yet (or never will be, then with a failure).</summary>
    private bool TryReadLine(ref ReadOnlySequence<byte> input, bool isLast, Span<byte> buffer, out ReadOnlySpan<byte> line)
    {
        line = default;
        int count = (int)Math.Min(input.Length, LineLengthMax);
        input.Slice(0, count).CopyTo(buffer);
        int end = buffer[..count].IndexOf((byte)'\n');
        if (end < 0)
        {
            return (isLast || count == LineLengthMax) && Fail(BodyFailures.Framing);
        }

        input = input.Slice(end + 1);
        line = buffer[..end];
        if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }
        else if (_state == State.Header)
        {
            return Fail(BodyFailures.Framing);
        }

        return true;
    }

    private bool TakeSignature(ReadOnlySpan<byte> extension)
    {
        ReadOnlySpan<byte> prefix = ";chunk-signature="u8;
        bool ok = extension.StartsWith(prefix) && extension.Length == prefix.Length + _signature.Length;
        if (ok)
        {
            extension[prefix.Length..].CopyTo(_signature);
        }

        return ok;
    }

    private static bool TryParseSize(ReadOnlySpan<byte> text, out long size)
    {
        size = 0;
        return text.Length is > 0 and <= SizeDigitsMax
            && Utf8Parser.TryParse(text, out size, out int consumed, 'x')
            && consumed == text.Length;
    }

    /// <summary>Always false, so that a step can end with it.</summary>
    private bool Fail(BodyFailure failure)
    {
        Failure ??= failure;
        return false;
    }
}

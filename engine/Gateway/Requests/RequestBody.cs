using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>The body of a request as content to store, and as a document to parse.</summary>
internal sealed class RequestBody : IContentSource, IDisposable
{
    private readonly BodyReader _reader;
    private readonly OperationContext _context;

    private RequestBody(BodyReader reader, OperationContext context) => (_reader, _context) = (reader, context);

    /// <inheritdoc/>
    public long? LengthBytes => _reader.LengthBytes;

    /// <inheritdoc/>
    public Task Digesting => _reader.Digesting;

    /// <summary>Opens the body of an object or part upload.</summary>
    /// <exception cref="S3Exception">What can be refused by the headers alone.</exception>
    internal static RequestBody Open(OperationContext context, BodyOptions options)
    {
        Outcome<BodyReader, BodyError> opened = BodyReader.Open(
            context.Request, context.Auth, options with { Md5Pool = context.Services.Md5Pool }, out BodyFailure? failure);
        return opened.Ok ? new RequestBody(opened.Value, context) : throw BodyAndAuthErrors.Refusal(opened.Error, failure);
    }

    /// <summary>Reads a whole document of at most <see cref="GatewayOptions.DocumentBytesMax"/> and <paramref name="sizeBytesMax"/>, signatures and digests verified.</summary>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, or what is wrong with the body.</exception>
    internal static async ValueTask<ReadOnlyMemory<byte>> ReadDocumentAsync(
        OperationContext context, bool digestRequired = false, int sizeBytesMax = int.MaxValue)
    {
        if (digestRequired)
        {
            DemandDigest(context);
        }

        int sizeMax = int.Min(context.Options.DocumentBytesMax, sizeBytesMax);
        if (context.Request.ContentLength > sizeMax)
        {
            throw new S3Exception(S3Errors.MaxMessageLengthExceeded, ("MaxMessageLengthBytes", sizeMax));
        }

        using RequestBody body = Open(
            context, new BodyOptions { SizeBytesMax = sizeMax, LengthRequired = false, Md5 = false, DefaultChecksum = ChecksumAlgorithm.None });
        byte[] bytes = new byte[body.LengthBytes is long length ? (int)Math.Min(length, sizeMax) + 1 : 4096];
        int filled = 0;
        while (true)
        {
            int read = await body.ReadAsync(bytes.AsMemory(filled));
            filled += read;
            if (filled < bytes.Length)
            {
                break;
            }

            Array.Resize(ref bytes, bytes.Length * 2);
        }

        await body.CompleteAsync();
        return bytes.AsMemory(0, filled);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        Outcome<int, BodyError> read = await _reader.ReadAsync(destination, _context.Cancellation);
        if (read.Ok && read.Value < destination.Length)
        {
            _context.AccessLog?.NoteBodyEnd();
        }

        return read.Ok ? read.Value : throw BodyAndAuthErrors.Refusal(read.Error, _reader.Failure);
    }

    /// <summary>Verifies what the client said of the body.</summary>
    /// <exception cref="S3Exception">When it lied.</exception>
    internal async ValueTask<BodyDigests> CompleteAsync()
    {
        Outcome<BodyDigests, BodyError> digests = await _reader.CompleteAsync(_context.Cancellation);
        return digests.Ok ? digests.Value : throw BodyAndAuthErrors.Refusal(digests.Error, _reader.Failure);
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static void DemandDigest(OperationContext context)
    {
        RequestHeaders headers = context.Headers;
        if (headers.Has("Content-MD5") || headers["x-amz-trailer"] is string trailer && trailer.Contains(ChecksumNames.HeaderPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        foreach (ChecksumAlgorithm algorithm in ChecksumNames.All)
        {
            if (headers.Has(ChecksumNames.Header(algorithm)))
            {
                return;
            }
        }

        throw S3Exception.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    }
}

using System;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Workloads.Live;

/// <summary>Signature Version 4 over host, date and payload hash, with nothing allocated per request: the key is derived once a day, the date is written once a second.</summary>
/// <remarks>Source: Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header". The payload is unsigned.</remarks>
internal sealed class RequestSigner
{
    private const string SignedHeaders = "host;x-amz-content-sha256;x-amz-date";

    private readonly byte[] _host;
    private readonly string _accessKey;
    private readonly string _secretKey;
    private readonly string _region;
    private readonly byte[] _canonical = new byte[4096];
    private readonly byte[] _toSign = new byte[256];
    private byte[] _key = [];
    private byte[] _canonicalTail = [];
    private byte[] _headers = [];
    private int _toSignHashAt;
    private string _day = "";
    private long _second;

    internal RequestSigner(string host, string accessKey, string secretKey, string region)
    {
        (_accessKey, _secretKey, _region) = (accessKey, secretKey, region);
        _host = Encoding.ASCII.GetBytes(host);
    }

    /// <summary>Writes the lines <c>Host</c>, <c>x-amz-date</c>, <c>x-amz-content-sha256</c> and <c>Authorization</c>.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Percent-encoded path.</param>
    /// <param name="query">Percent-encoded query in canonical order.</param>
    /// <param name="destination">Room for about 600 bytes.</param>
    /// <returns>Bytes written.</returns>
    internal int WriteHeaders(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, Span<byte> destination)
    {
        Refresh();
        int length = 0;
        Add(method, ref length);
        _canonical[length++] = (byte)'\n';
        Add(path, ref length);
        _canonical[length++] = (byte)'\n';
        Add(query, ref length);
        Add(_canonicalTail, ref length);

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(_canonical.AsSpan(0, length), hash);
        Convert.TryToHexStringLower(hash, _toSign.AsSpan(_toSignHashAt), out int hexLength);
        HMACSHA256.HashData(_key, _toSign.AsSpan(0, _toSignHashAt + hexLength), hash);
        _headers.CopyTo(destination);
        Convert.TryToHexStringLower(hash, destination[_headers.Length..], out int signatureLength);
        int written = _headers.Length + signatureLength;
        destination[written++] = (byte)'\r';
        destination[written++] = (byte)'\n';
        return written;
    }

    private void Add(ReadOnlySpan<byte> bytes, ref int length)
    {
        bytes.CopyTo(_canonical.AsSpan(length));
        length += bytes.Length;
    }

    private void Refresh()
    {
        DateTime now = DateTime.UtcNow;
        long second = now.Ticks / TimeSpan.TicksPerSecond;
        if (second == _second)
        {
            return;
        }

        _second = second;
        string timestamp = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string day = timestamp[..8];
        string scope = $"{day}/{_region}/s3/aws4_request";
        if (day != _day)
        {
            _day = day;
            _key = SigV4Signer.DeriveKey(_secretKey, day, _region);
        }

        string host = Encoding.ASCII.GetString(_host);
        _canonicalTail = Encoding.ASCII.GetBytes($"\nhost:{host}\nx-amz-content-sha256:{SigV4Signer.UnsignedPayload}\nx-amz-date:{timestamp}\n\n{SignedHeaders}\n{SigV4Signer.UnsignedPayload}");
        _headers = Encoding.ASCII.GetBytes(
            $"Host: {host}\r\nx-amz-date: {timestamp}\r\nx-amz-content-sha256: {SigV4Signer.UnsignedPayload}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={_accessKey}/{scope},SignedHeaders={SignedHeaders},Signature=");
        _toSignHashAt = Encoding.ASCII.GetBytes($"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n", _toSign);
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ObjectStore.Engine.Auth;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Library;

/// <summary>A request as it goes over the wire, before it is signed.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Percent-encoded path.</param>
/// <param name="Query">Percent-encoded query without the question mark.</param>
/// <param name="Headers">Headers, Host not among them.</param>
/// <param name="Body">The whole body.</param>
public sealed record S3WireRequest(
    string Method, string Path, string Query, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body);

/// <summary>Writes operations as HTTP requests, path style.</summary>
public static class S3Wire
{
    /// <summary>The request of an operation.</summary>
    public static S3WireRequest Write(S3Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        string bucket = "/" + operation.Bucket;
        string key = bucket + "/" + EncodePath(operation.Key);
        var headers = new List<KeyValuePair<string, string>>();
        AddCondition(headers, "If-Match", operation.IfMatch);
        AddCondition(headers, "If-None-Match", operation.IfNoneMatch);
        if (operation.Range is { } range)
        {
            headers.Add(new("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={range.First}-{range.Last}")));
        }

        switch (operation.Verb)
        {
            case S3Verb.CreateBucket:
                return new S3WireRequest("PUT", bucket, "", headers, default);
            case S3Verb.DeleteBucket:
                return new S3WireRequest("DELETE", bucket, "", headers, default);
            case S3Verb.HeadBucket:
                return new S3WireRequest("HEAD", bucket, "", headers, default);
            case S3Verb.SetVersioning:
                string status = operation.Versioning == S3Versioning.Enabled ? "Enabled" : "Suspended";
                return new S3WireRequest("PUT", bucket, "versioning=", headers, Utf8($"<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>{status}</Status></VersioningConfiguration>"));
            case S3Verb.Put:
                return new S3WireRequest("PUT", key, "", headers, operation.Body);
            case S3Verb.Get:
                return new S3WireRequest("GET", key, Version(operation), headers, default);
            case S3Verb.Head:
                return new S3WireRequest("HEAD", key, Version(operation), headers, default);
            case S3Verb.Delete:
                return new S3WireRequest("DELETE", key, Version(operation), headers, default);
            case S3Verb.Copy:
                headers.Add(new("x-amz-copy-source", bucket + "/" + EncodePath(operation.SourceKey)));
                return new S3WireRequest("PUT", key, "", headers, default);
            case S3Verb.List:
                return new S3WireRequest("GET", bucket, Listing(operation, "list-type=2", "start-after"), headers, default);
            case S3Verb.ListVersions:
                return new S3WireRequest("GET", bucket, Listing(operation, "versions=", "key-marker"), headers, default);
            case S3Verb.CreateUpload:
                return new S3WireRequest("POST", key, "uploads=", headers, default);
            case S3Verb.UploadPart:
                return new S3WireRequest("PUT", key, $"partNumber={operation.PartNumber}&uploadId={SigV4Signer.Encode(operation.UploadId)}", headers, operation.Body);
            case S3Verb.CompleteUpload:
                return new S3WireRequest("POST", key, $"uploadId={SigV4Signer.Encode(operation.UploadId)}", headers, Completion(operation));
            case S3Verb.AbortUpload:
                return new S3WireRequest("DELETE", key, $"uploadId={SigV4Signer.Encode(operation.UploadId)}", headers, default);
            case S3Verb.ListParts:
                return new S3WireRequest("GET", key, $"uploadId={SigV4Signer.Encode(operation.UploadId)}", headers, default);
            default:
                throw new ArgumentException($"{operation.Verb} does not go over the wire", nameof(operation));
        }
    }

    /// <summary>Headers of a signed request, with Host.</summary>
    /// <param name="request">The request.</param>
    /// <param name="signer">Whose it is.</param>
    /// <param name="host">Value of Host.</param>
    /// <param name="utcNow">The client's time.</param>
    /// <param name="coverBody">Whether the signature covers the body.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(S3WireRequest request, SigV4Signer signer, string host, DateTime utcNow, bool coverBody)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(signer);
        KeyValuePair<string, string>[] headers = [new("Host", host), .. request.Headers];
        string payload = coverBody ? SigV4Signer.HashPayload(request.Body.Span) : SigV4Signer.UnsignedPayload;
        return signer.Sign(new AuthRequest(request.Method, request.Path, request.Query, headers), utcNow, payload).Headers;
    }

    private static void AddCondition(List<KeyValuePair<string, string>> headers, string name, string? etag)
    {
        if (etag is not null)
        {
            headers.Add(new(name, etag == "*" ? etag : $"\"{etag}\""));
        }
    }

    private static string EncodePath(string key) => string.Join('/', key.Split('/').Select(SigV4Signer.Encode));

    private static string Version(S3Operation operation) => operation.VersionId is null ? "" : "versionId=" + SigV4Signer.Encode(operation.VersionId);

    private static string Listing(S3Operation operation, string first, string marker)
    {
        var query = new StringBuilder(first);
        Add("prefix", operation.Prefix);
        Add("delimiter", operation.Delimiter);
        Add(marker, operation.StartAfter);
        Add("max-keys", operation.EntriesMax == 1000 ? "" : operation.EntriesMax.ToString(CultureInfo.InvariantCulture));
        return query.ToString();

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                query.Append('&').Append(name).Append('=').Append(SigV4Signer.Encode(value));
            }
        }
    }

    private static byte[] Completion(S3Operation operation)
    {
        var xml = new StringBuilder("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        foreach (S3Part part in operation.Parts)
        {
            xml.Append("<Part><PartNumber>").Append(part.Number).Append("</PartNumber><ETag>\"").Append(part.ETag).Append("\"</ETag></Part>");
        }

        return Utf8(xml.Append("</CompleteMultipartUpload>").ToString());
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

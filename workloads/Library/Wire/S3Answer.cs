using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Library;

/// <summary>Reads HTTP answers as results.</summary>
public static class S3Answer
{
    /// <summary>The result that an answer means.</summary>
    /// <param name="operation">What was asked.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="headers">Headers by name; names in any case.</param>
    /// <param name="body">The whole body.</param>
    /// <exception cref="InvalidDataException">The answer is not what S3 would send.</exception>
    public static S3Result Read(S3Operation operation, int status, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(headers);
        string? version = Header(headers, "x-amz-version-id");
        if (status is < 200 or > 299)
        {
            return new S3Result { Status = status, Code = ErrorCode(status, body), VersionId = version };
        }

        var result = new S3Result
        {
            Status = status,
            ETag = Unquoted(Header(headers, "ETag") ?? ""),
            VersionId = version,
            IsDeleteMarker = Header(headers, "x-amz-delete-marker") == "true",
        };
        switch (operation.Verb)
        {
            case S3Verb.Get:
                Require(Header(headers, "Content-Length") is not { } length || long.Parse(length, CultureInfo.InvariantCulture) == body.Length, "Content-Length is not the body's");
                return result with { Content = ContentDigest.Of(body.Span) };
            case S3Verb.Head:
                string size = Header(headers, "Content-Length") ?? throw new InvalidDataException("HEAD without Content-Length");
                return result with { Content = new ContentDigest(long.Parse(size, CultureInfo.InvariantCulture), 0, "") };
            case S3Verb.Copy:
            case S3Verb.CompleteUpload:
                XElement made = Root(body);
                return made.Name.LocalName == "Error"
                    ? S3Result.Refused(500, Text(made, "Code"))
                    : result with { ETag = Unquoted(Text(made, "ETag")) };
            case S3Verb.CreateUpload:
                return result with { UploadId = Text(Root(body), "UploadId") };
            case S3Verb.List:
                return Listing(result, Root(body), ["Contents"]);
            case S3Verb.ListVersions:
                return Listing(result, Root(body), ["Version", "DeleteMarker"]);
            case S3Verb.ListParts:
                return result with
                {
                    Parts = [.. Named(Root(body), "Part").Select(static part =>
                        new S3Part(int.Parse(Text(part, "PartNumber"), CultureInfo.InvariantCulture), Unquoted(Text(part, "ETag"))))],
                };
            default:
                return result;
        }
    }

    private static S3Result Listing(S3Result result, XElement root, string[] names) => result with
    {
        Entries = [.. root.Elements().Where(element => names.Contains(element.Name.LocalName)).Select(static element => new S3Entry(
            Text(element, "Key"), Unquoted(Optional(element, "ETag") ?? ""), long.Parse(Optional(element, "Size") ?? "0", CultureInfo.InvariantCulture))
        {
            VersionId = Optional(element, "VersionId"),
            IsDeleteMarker = element.Name.LocalName == "DeleteMarker",
            IsLatest = Optional(element, "IsLatest") == "true",
        })],
        CommonPrefixes = [.. Named(root, "CommonPrefixes").Select(static element => Text(element, "Prefix"))],
        IsTruncated = Optional(root, "IsTruncated") == "true",
    };

    private static string ErrorCode(int status, ReadOnlyMemory<byte> body)
    {
        if (status == 304)
        {
            return "NotModified";
        }

        return body.IsEmpty ? status.ToString(CultureInfo.InvariantCulture) : Text(Root(body), "Code");
    }

    private static XElement Root(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var stream = new MemoryStream(body.ToArray());
            return XDocument.Load(stream).Root ?? throw new InvalidDataException("no root element");
        }
        catch (System.Xml.XmlException broken)
        {
            throw new InvalidDataException("not XML: " + broken.Message, broken);
        }
    }

    private static IEnumerable<XElement> Named(XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);

    private static string? Optional(XElement parent, string name) => Named(parent, name).FirstOrDefault()?.Value;

    private static string Text(XElement parent, string name) =>
        Optional(parent, name) ?? throw new InvalidDataException($"<{parent.Name.LocalName}> without <{name}>");

    private static string Unquoted(string etag) => etag.Trim('"');

    private static string? Header(IReadOnlyList<KeyValuePair<string, string>> headers, string name) =>
        headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidDataException(message);
        }
    }
}

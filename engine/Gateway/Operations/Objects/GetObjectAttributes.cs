using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET object attributes.</summary>
internal static class GetObjectAttributes
{
    private const int PartsMax = 1000;
    private static readonly string[] Known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        HashSet<string> wanted = Wanted(context);
        QueryResult found = await ObjectReader.FindAsync(
            context, S3Action.GetObjectAttributes, S3Action.GetObjectVersionAttributes, withParts: wanted.Contains("ObjectParts"));
        ObjectRecord target = found.Object!;
        Authorizer.Demand(context, context.VersionParameter is null ? S3Action.GetObject : S3Action.GetObjectVersion, target);
        ObjectEncryption? encryption = ObjectEncryption.ForRead(context, context.BucketName, target);
        Conditions.CheckRead(context.Headers, target);

        var xml = new XmlDocumentWriter("GetObjectAttributesResponse");
        if (wanted.Contains("ETag"))
        {
            xml.Element("ETag", target.ETag);
        }

        if (wanted.Contains("Checksum") && target.Checksum is { } checksum)
        {
            // As in S3 the number of parts, which HEAD and GET write behind a composite one, is not here.
            xml.Start("Checksum");
            xml.Element(ChecksumNames.Element(checksum.Algorithm), Convert.ToBase64String(checksum.Digest.Span));
            xml.Element("ChecksumType", ChecksumNames.TypeName(checksum.Type));
            xml.End("Checksum");
        }

        if (wanted.Contains("ObjectParts") && target.PartCount > 0)
        {
            WriteParts(context, xml, target, found.Parts);
        }

        if (wanted.Contains("StorageClass"))
        {
            xml.Element("StorageClass", StorageClasses.Shown(target.StorageClass));
        }

        if (wanted.Contains("ObjectSize"))
        {
            xml.Element("ObjectSize", target.SizeBytes);
        }

        S3Response response = Answer.Xml(xml);
        response.SetHeader("Last-Modified", Timestamps.Http(target.ModifiedUtc));
        encryption?.Describe(response);
        response.AddVersion(context.Bucket, target.Version);
        return response;
    }

    private static void WriteParts(OperationContext context, XmlDocumentWriter xml, ObjectRecord target, IReadOnlyList<PartSummary> parts)
    {
        int max = Numbers.ParseMax(context.Headers["x-amz-max-parts"], "x-amz-max-parts", PartsMax, PartsMax);
        int marker = Numbers.ParseMax(context.Headers["x-amz-part-number-marker"], "x-amz-part-number-marker", 0, int.MaxValue);
        List<PartSummary> shown = [];
        bool truncated = false;
        foreach (PartSummary part in parts)
        {
            if (part.Number > marker)
            {
                truncated = shown.Count == max;
                if (truncated)
                {
                    break;
                }

                shown.Add(part);
            }
        }

        xml.Start("ObjectParts");
        xml.Element("PartsCount", target.PartCount);
        xml.Element("PartNumberMarker", marker);
        xml.Element("NextPartNumberMarker", shown.Count > 0 ? shown[^1].Number : 0);
        xml.Element("MaxParts", max);
        xml.Element("IsTruncated", truncated);

        foreach (PartSummary part in shown)
        {
            xml.Start("Part");
            xml.Element("PartNumber", part.Number);
            xml.Element("Size", part.SizeBytes);
            xml.Checksum(part.Checksum, withType: false);
            xml.End("Part");
        }

        xml.End("ObjectParts");
    }

    private static HashSet<string> Wanted(OperationContext context)
    {
        string? header = context.Headers["x-amz-object-attributes"];
        if (string.IsNullOrEmpty(header))
        {
            throw S3Exception.InvalidRequest("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty");
        }

        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            wanted.Add(Array.IndexOf(Known, name) >= 0
                ? name
                : throw S3Exception.InvalidArgument("Invalid attribute name specified.", "x-amz-object-attributes", name));
        }

        return wanted;
    }
}

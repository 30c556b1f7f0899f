using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET service: the caller's buckets.</summary>
internal static class ListBuckets
{
    private const int BucketsMax = 10_000;

    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Identity caller = Authorizer.DemandIdentity(context);
        int max = BucketsMax;
        if (context.Query["max-buckets"] is string text)
        {
            long asked = Numbers.ParseLong(text, "max-buckets");
            max = asked is >= 1 and <= BucketsMax
                ? (int)asked
                : throw S3Exception.InvalidArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", text);
        }

        string prefix = context.Query["prefix"] ?? "";
        string startAfter = context.Query["continuation-token"] is { Length: > 0 } token ? ContinuationToken.Decode(token) : "";
        QueryResult found = await context.Metadata.QueryAsync(new ListBucketsQuery(caller.CanonicalId, prefix, startAfter, max));
        context.ThrowIf(found.Error);

        var xml = new XmlDocumentWriter("ListAllMyBucketsResult");
        xml.Owner(context, "Owner", caller.CanonicalId);
        xml.Start("Buckets");
        foreach (BucketRecord bucket in found.Buckets)
        {
            if (context.Query["bucket-region"] is { Length: > 0 } region && region != context.RegionOf(bucket))
            {
                continue;
            }

            xml.Start("Bucket");
            xml.Element("Name", bucket.Name);
            xml.Element("CreationDate", bucket.CreatedUtc);
            xml.Element("BucketRegion", context.RegionOf(bucket));
            xml.End("Bucket");
        }

        xml.End("Buckets");
        xml.Optional("Prefix", prefix);
        if (found.IsTruncated)
        {
            xml.Element("ContinuationToken", ContinuationToken.Encode(found.NextMarker));
        }

        return Answer.Xml(xml);
    }
}

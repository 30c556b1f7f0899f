using System.Collections.Generic;
using System.Linq;
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
        (List<BucketRecord> buckets, string next) = await FindAsync(context, caller.CanonicalId, prefix, startAfter, max);

        var xml = new XmlDocumentWriter("ListAllMyBucketsResult");
        xml.Owner(context, "Owner", caller.CanonicalId);
        xml.Start("Buckets");
        foreach (BucketRecord bucket in buckets)
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
        if (next.Length > 0)
        {
            xml.Element("ContinuationToken", ContinuationToken.Encode(next));
        }

        return Answer.Xml(xml);
    }

    /// <returns>The buckets, and the last of them when there are more; else empty.</returns>
    private static async ValueTask<(List<BucketRecord> Buckets, string Next)> FindAsync(
        OperationContext context, string owner, string prefix, string startAfter, int max)
    {
        var buckets = new List<BucketRecord>();
        string after = startAfter;
        while (true)
        {
            QueryResult page = await context.Metadata.QueryAsync(new ListBucketsQuery(owner, prefix, after, max - buckets.Count));
            context.ThrowIf(page.Error);

            // Only names and dates are shown; all documents of all buckets would be a lot.
            buckets.AddRange(page.Buckets.Select(static bucket => bucket with { Documents = [] }));
            if (!page.IsTruncated || buckets.Count >= max)
            {
                return (buckets, page.NextMarker);
            }

            after = page.NextMarker;
        }
    }
}

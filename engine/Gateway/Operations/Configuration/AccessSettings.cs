using System.Text;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Public access block and ownership controls of a bucket: GET, PUT, DELETE.</summary>
internal static class AccessSettings
{
    private static readonly S3Action GetBlock = new("s3:GetBucketPublicAccessBlock");
    private static readonly S3Action PutBlock = new("s3:PutBucketPublicAccessBlock");
    private static readonly S3Action GetOwnership = new("s3:GetBucketOwnershipControls");
    private static readonly S3Action PutOwnership = new("s3:PutBucketOwnershipControls");

    internal static ValueTask<S3Response> GetBlockAsync(OperationContext context)
    {
        Authorizer.Demand(context, GetBlock);
        if (!context.TryGetDocument(BucketDocuments.PublicAccessBlock, out _))
        {
            throw new S3Exception(S3Errors.NoSuchPublicAccessBlockConfiguration, ("BucketName", context.BucketName));
        }

        PublicAccessBlock block = PublicAccessBlock.Of(context.Bucket);
        var xml = new XmlDocumentWriter("PublicAccessBlockConfiguration");
        xml.Element("BlockPublicAcls", block.BlockPublicAcls);
        xml.Element("IgnorePublicAcls", block.IgnorePublicAcls);
        xml.Element("BlockPublicPolicy", block.BlockPublicPolicy);
        xml.Element("RestrictPublicBuckets", block.RestrictPublicBuckets);
        return ValueTask.FromResult(Answer.Xml(xml));
    }

    internal static async ValueTask<S3Response> PutBlockAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutBlock);
        XmlDocumentElement root = XmlDocumentReader.Parse(await RequestBody.ReadDocumentAsync(context), "PublicAccessBlockConfiguration");
        var block = new PublicAccessBlock(
            Flag(root, "BlockPublicAcls"), Flag(root, "IgnorePublicAcls"), Flag(root, "BlockPublicPolicy"), Flag(root, "RestrictPublicBuckets"));
        await context.SetDocumentAsync(BucketDocuments.PublicAccessBlock, block.Encode());
        return Answer.Ok();
    }

    internal static async ValueTask<S3Response> DeleteBlockAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutBlock);
        await context.SetDocumentAsync(BucketDocuments.PublicAccessBlock, null);
        return Answer.NoContent();
    }

    internal static ValueTask<S3Response> GetOwnershipAsync(OperationContext context)
    {
        Authorizer.Demand(context, GetOwnership);
        if (!context.TryGetDocument(BucketDocuments.OwnershipControls, out _))
        {
            throw new S3Exception(S3Errors.OwnershipControlsNotFound, ("BucketName", context.BucketName));
        }

        var xml = new XmlDocumentWriter("OwnershipControls");
        xml.Start("Rule");
        xml.Element("ObjectOwnership", ObjectOwnership.Of(context.Bucket));
        xml.End("Rule");
        return ValueTask.FromResult(Answer.Xml(xml));
    }

    internal static async ValueTask<S3Response> PutOwnershipAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutOwnership);
        XmlDocumentElement root = XmlDocumentReader.Parse(await RequestBody.ReadDocumentAsync(context), "OwnershipControls");
        string asked = root.Children.Count == 1 && root["Rule"] is XmlDocumentElement rule ? rule.Required("ObjectOwnership") : "";
        if (!ObjectOwnership.IsValid(asked))
        {
            throw S3Exception.MalformedXml();
        }

        if (asked == ObjectOwnership.BucketOwnerEnforced && Authorizer.BucketAcl(context.Bucket).GivesToOthers())
        {
            throw new S3Exception(S3Errors.InvalidBucketAclWithObjectOwnership);
        }

        await context.SetDocumentAsync(BucketDocuments.OwnershipControls, Encoding.UTF8.GetBytes(asked));
        return Answer.Ok();
    }

    internal static async ValueTask<S3Response> DeleteOwnershipAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutOwnership);
        await context.SetDocumentAsync(BucketDocuments.OwnershipControls, null);
        return Answer.NoContent();
    }

    private static bool Flag(XmlDocumentElement root, string name) => root.TextOf(name)?.ToLowerInvariant() switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw S3Exception.MalformedXml(),
    };
}

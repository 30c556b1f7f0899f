using System;
using System.Linq;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Bucket policy: GET, PUT, DELETE, and its status.</summary>
internal static class Policies
{
    internal static ValueTask<S3Response> GetAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.GetBucketPolicy);
        return ValueTask.FromResult(Answer.Document(Stored(context), "application/json"));
    }

    internal static ValueTask<S3Response> GetStatusAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.GetBucketPolicyStatus);
        var xml = new XmlDocumentWriter("PolicyStatus");
        xml.Element("IsPublic", context.Services.Policies.Get(Stored(context)).IsPublic());
        return ValueTask.FromResult(Answer.Xml(xml));
    }

    internal static async ValueTask<S3Response> PutAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.PutBucketPolicy);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context);
        if (body.Length > BucketPolicy.SizeBytesMax)
        {
            throw new S3Exception(S3Errors.MalformedPolicy, "Policy exceeds the maximum allowed document size.");
        }

        BucketPolicy policy = BucketPolicy.Parse(body, context.BucketName);
        if (!policy.Principals.All(principal => principal.IsValid(context.Services.Identities)))
        {
            throw new S3Exception(S3Errors.MalformedPolicy, "Invalid principal in policy");
        }

        if (PublicAccessBlock.Of(context.Bucket).BlockPublicPolicy && policy.IsPublic())
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        await context.SetDocumentAsync(BucketDocuments.Policy, body);
        return Answer.NoContent();
    }

    internal static async ValueTask<S3Response> DeleteAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.DeleteBucketPolicy);
        await context.SetDocumentAsync(BucketDocuments.Policy, null);
        return Answer.NoContent();
    }

    private static ReadOnlyMemory<byte> Stored(OperationContext context) =>
        context.TryGetDocument(BucketDocuments.Policy, out ReadOnlyMemory<byte> stored)
            ? stored
            : throw new S3Exception(S3Errors.NoSuchBucketPolicy, ("BucketName", context.BucketName));
}

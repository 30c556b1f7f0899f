using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>PUT bucket.</summary>
/// <remarks>Creating one's own bucket again answers 200 in us-east-1, as S3 does there, and 409 BucketAlreadyOwnedByYou in other regions.</remarks>
internal static class CreateBucket
{
    private const string UsEast1 = "us-east-1";

    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Identity caller = Authorizer.DemandIdentity(context);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context);
        XmlDocumentElement? configuration = body.IsEmpty ? null : XmlDocumentReader.Parse(body, "CreateBucketConfiguration");
        string region = Location(context, configuration?.TextOf("LocationConstraint"));
        List<KeyValuePair<string, ReadOnlyMemory<byte>>> documents = Documents(context, caller);
        if (configuration?["Tags"] is { } tags)
        {
            documents.Add(new(BucketDocuments.Tagging, Tagging.Encode(TagSet.FromElement(tags, TagSet.BucketTagsMax))));
        }

        bool objectLock = string.Equals(context.Headers["x-amz-bucket-object-lock-enabled"], "true", StringComparison.OrdinalIgnoreCase);
        CommandResult result = await context.Metadata.ExecuteAsync(
            new CreateBucketCommand(context.BucketName, caller.CanonicalId, region, objectLock)
            {
                NowUtc = context.NowUtc,
                Documents = documents,
                BucketsMax = context.Options.BucketsMax,
            });
        if (result.Error == MetadataError.BucketOwnedByYou && context.Options.Region == UsEast1)
        {
            // The second creation changes nothing but the ACL, as S3 does in this region.
            if (documents.Find(document => document.Key == BucketDocuments.Acl).Value is { IsEmpty: false } acl)
            {
                await context.SetDocumentAsync(BucketDocuments.Acl, acl);
            }
        }
        else
        {
            context.ThrowIf(result.Error);
        }

        S3Response response = Answer.Ok();
        response.SetHeader("Location", $"/{context.BucketName}");
        return response;
    }

    private static string Location(OperationContext context, string? constraint)
    {
        if (string.IsNullOrEmpty(constraint))
        {
            return "";
        }

        string asked = constraint == "EU" ? "eu-west-1" : constraint;
        if (asked == context.Options.Region)
        {
            return asked == UsEast1
                ? throw new S3Exception(S3Errors.InvalidLocationConstraint, ("LocationConstraint", constraint))
                : asked;
        }

        return LooksLikeRegion(asked) && context.Options.Region != UsEast1
            ? throw new S3Exception(
                S3Errors.IllegalLocationConstraint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {asked} location constraint is incompatible for the region specific endpoint this request was sent to."))
            : throw new S3Exception(S3Errors.InvalidLocationConstraint, ("LocationConstraint", constraint));
    }

    private static bool LooksLikeRegion(string text) => text.Split('-').Length >= 3;

    private static List<KeyValuePair<string, ReadOnlyMemory<byte>>> Documents(OperationContext context, Identity caller)
    {
        List<KeyValuePair<string, ReadOnlyMemory<byte>>> documents = [];
        AccessControlList? acl = AclRequest.FromHeaders(context, caller.CanonicalId, caller.CanonicalId);
        string? ownership = context.Headers["x-amz-object-ownership"];
        if (ownership is not null && !ObjectOwnership.IsValid(ownership))
        {
            throw S3Exception.InvalidArgument("Invalid x-amz-object-ownership header", "x-amz-object-ownership", ownership);
        }

        if (acl is not null)
        {
            if (ownership == ObjectOwnership.BucketOwnerEnforced && acl.GivesToOthers())
            {
                throw new S3Exception(S3Errors.InvalidBucketAclWithObjectOwnership);
            }

            documents.Add(new(BucketDocuments.Acl, acl.Encode()));
        }

        if (ownership is not null)
        {
            documents.Add(new(BucketDocuments.OwnershipControls, Encoding.UTF8.GetBytes(ownership)));
        }

        return documents;
    }
}

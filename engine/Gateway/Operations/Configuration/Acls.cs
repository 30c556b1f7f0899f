using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>ACLs of buckets and objects: GET and PUT.</summary>
internal static class Acls
{
    internal static ValueTask<S3Response> GetBucketAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.GetBucketAcl);
        AccessControlList acl = ObjectOwnership.IsEnforced(context.Bucket)
            ? AccessControlList.Private(context.Bucket.OwnerId)
            : Authorizer.BucketAcl(context.Bucket);
        return ValueTask.FromResult(AclDocument.Answer(context, acl));
    }

    internal static async ValueTask<S3Response> PutBucketAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.PutBucketAcl);
        string owner = context.Bucket.OwnerId;
        AccessControlList acl = await ReadAsync(context, owner);
        await context.SetDocumentAsync(BucketDocuments.Acl, acl.Encode());
        return Answer.Ok();
    }

    internal static async ValueTask<S3Response> GetObjectAsync(OperationContext context)
    {
        QueryResult found = await ObjectReader.FindAsync(context, S3Action.GetObjectAcl, S3Action.GetObjectVersionAcl);
        ObjectRecord target = found.Object!;
        AccessControlList acl = ObjectOwnership.IsEnforced(context.Bucket)
            ? AccessControlList.Private(context.Bucket.OwnerId)
            : AccessControlList.Decode(target.Acl, target.OwnerId);
        S3Response response = AclDocument.Answer(context, acl);
        response.AddVersion(context.Bucket, target.Version);
        return response;
    }

    internal static async ValueTask<S3Response> PutObjectAsync(OperationContext context)
    {
        QueryResult found = await ObjectReader.FindAsync(context, S3Action.PutObjectAcl, S3Action.PutObjectVersionAcl);
        ObjectRecord target = found.Object!;
        AccessControlList acl = await ReadAsync(context, target.OwnerId);

        // An ACL has more than one stored form, private is empty too: one that changes nothing is kept as it is, so that nobody is told of a change.
        bool changes = !acl.SaysTheSameAs(AccessControlList.Decode(target.Acl, target.OwnerId));
        CommandResult result = await context.Metadata.ExecuteAsync(
            new UpdateObjectCommand(context.BucketName, context.Key, context.VersionParameter)
            {
                NowUtc = context.NowUtc,
                Acl = changes ? acl.Encode() : target.Acl,
                Events = context.DraftEvents(context.Key, EventKind.AclPut),
            });
        context.ThrowIf(result.Error);
        S3Response response = Answer.Ok();
        response.AddVersion(context.Bucket, result.Object!.Version);
        return response;
    }

    private static async ValueTask<AccessControlList> ReadAsync(OperationContext context, string ownerId)
    {
        AccessControlList? asked = AclRequest.FromHeaders(context, ownerId, context.Bucket.OwnerId);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context);
        if (asked is not null && !body.IsEmpty)
        {
            throw new S3Exception(S3Errors.UnexpectedContent);
        }

        if (asked is null && body.IsEmpty)
        {
            throw new S3Exception(
                S3Errors.MissingSecurityHeader, "Your request was missing a required header", ("MissingHeaderName", "x-amz-acl"));
        }

        AccessControlList acl = asked ?? AclDocument.Parse(context, body, ownerId);
        if (ObjectOwnership.IsEnforced(context.Bucket))
        {
            throw new S3Exception(S3Errors.AccessControlListNotSupported);
        }

        AclRequest.RefusePublic(context.Bucket, acl);
        return acl;
    }
}

/// <summary>The AccessControlPolicy document.</summary>
internal static class AclDocument
{
    private static readonly string[] Names = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"];

    internal static S3Response Answer(OperationContext context, AccessControlList acl)
    {
        var xml = new XmlDocumentWriter("AccessControlPolicy");
        xml.Owner(context, "Owner", acl.OwnerId);
        xml.Start("AccessControlList");
        foreach (AclGrant grant in acl.Grants)
        {
            xml.Start("Grant");
            if (grant.Kind == GranteeKind.Group)
            {
                xml.StartTyped("Grantee", "Group");
                xml.Element("URI", grant.Grantee);
            }
            else
            {
                xml.StartTyped("Grantee", "CanonicalUser");
                xml.Element("ID", grant.Grantee);
                xml.Optional("DisplayName", context.Services.Identities.FindByCanonicalId(grant.Grantee)?.Name);
            }

            xml.End("Grantee");
            xml.Element("Permission", Names[(int)grant.Permission]);
            xml.End("Grant");
        }

        xml.End("AccessControlList");
        return Gateway.Answer.Xml(xml);
    }

    /// <summary>Reads a document. The owner it names must be the owner there is.</summary>
    /// <exception cref="S3Exception">MalformedACLError, AccessDenied, InvalidArgument, UnresolvableGrantByEmailAddress.</exception>
    internal static AccessControlList Parse(OperationContext context, ReadOnlyMemory<byte> body, string ownerId)
    {
        XmlDocumentElement root;
        try
        {
            root = XmlDocumentReader.Parse(body, "AccessControlPolicy");
        }
        catch (S3Exception)
        {
            throw new S3Exception(S3Errors.MalformedAcl);
        }

        XmlDocumentElement list = root["AccessControlList"] ?? throw new S3Exception(S3Errors.MalformedAcl);
        if (root["Owner"]?.TextOf("ID") is not string owner)
        {
            throw new S3Exception(S3Errors.MalformedAcl);
        }

        if (owner != ownerId)
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        List<AclGrant> grants = list.All("Grant").ConvertAll(grant => Grant(context, grant));
        return grants.Count <= AccessControlList.GrantsMax ? new AccessControlList(ownerId, grants) : throw new S3Exception(S3Errors.MalformedAcl);
    }

    private static AclGrant Grant(OperationContext context, XmlDocumentElement element)
    {
        int permission = Array.IndexOf(Names, element.TextOf("Permission"));
        XmlDocumentElement? grantee = element["Grantee"];
        if (permission < 0 || grantee is null)
        {
            throw new S3Exception(S3Errors.MalformedAcl);
        }

        var allowed = (AclPermission)permission;
        if (grantee.TextOf("ID") is { Length: > 0 } id)
        {
            return new AclGrant(GranteeKind.User, AclRequest.ById(context, id), allowed);
        }

        if (grantee.TextOf("EmailAddress") is { Length: > 0 } email)
        {
            return new AclGrant(GranteeKind.User, AclRequest.ByEmail(context, email), allowed);
        }

        return grantee.TextOf("URI") is { Length: > 0 } uri
            ? new AclGrant(GranteeKind.Group, AclRequest.Group(uri), allowed)
            : throw new S3Exception(S3Errors.MalformedAcl);
    }
}

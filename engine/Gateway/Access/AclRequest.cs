using System;
using System.Collections.Generic;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Reads ACLs from the headers of a request: <c>x-amz-acl</c>, or the <c>x-amz-grant-*</c> family.</summary>
internal static class AclRequest
{
    private static readonly (string Header, AclPermission Permission)[] GrantHeaders =
    [
        ("x-amz-grant-full-control", AclPermission.FullControl),
        ("x-amz-grant-read", AclPermission.Read),
        ("x-amz-grant-read-acp", AclPermission.ReadAcp),
        ("x-amz-grant-write", AclPermission.Write),
        ("x-amz-grant-write-acp", AclPermission.WriteAcp),
    ];

    /// <summary>Whether the headers ask for an ACL.</summary>
    internal static bool IsIn(OperationContext context) =>
        context.Headers.Has("x-amz-acl") || Array.Exists(GrantHeaders, grant => context.Headers.Has(grant.Header));

    /// <summary>The ACL that the headers ask for, or null when they ask for none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ownerId">Owner of what the ACL is for.</param>
    /// <param name="bucketOwnerId">Owner of the bucket.</param>
    /// <exception cref="S3Exception">InvalidArgument, InvalidRequest, UnresolvableGrantByEmailAddress.</exception>
    internal static AccessControlList? FromHeaders(OperationContext context, string ownerId, string bucketOwnerId)
    {
        List<AclGrant> grants = [];
        foreach ((string header, AclPermission permission) in GrantHeaders)
        {
            if (context.Headers[header] is string value)
            {
                AddGrants(context, grants, value, permission);
            }
        }

        if (context.Headers["x-amz-acl"] is not string canned)
        {
            return grants.Count == 0 ? null : new AccessControlList(ownerId, grants);
        }

        if (grants.Count > 0)
        {
            throw S3Exception.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
        }

        return AccessControlList.Canned(canned, ownerId, bucketOwnerId) ?? throw S3Exception.InvalidArgument("", "x-amz-acl", canned);
    }

    /// <summary>The ACL to store with an object that is being written: empty when it is the plain private one.</summary>
    /// <exception cref="S3Exception">Also AccessControlListNotSupported, and AccessDenied under a public access block.</exception>
    internal static ReadOnlyMemory<byte> ForNewObject(OperationContext context, string ownerId)
    {
        BucketRecord bucket = context.Bucket;
        AccessControlList? asked = FromHeaders(context, ownerId, bucket.OwnerId);
        if (asked is null)
        {
            return default;
        }

        if (ObjectOwnership.IsEnforced(bucket))
        {
            return context.Headers["x-amz-acl"] is "bucket-owner-full-control" or "private" ? default : throw new S3Exception(S3Errors.AccessControlListNotSupported);
        }

        RefusePublic(bucket, asked);
        return asked.Encode();
    }

    /// <summary>Owner of an object that the caller writes into the bucket.</summary>
    internal static string NewObjectOwner(OperationContext context)
    {
        BucketRecord bucket = context.Bucket;
        return ObjectOwnership.Of(bucket) switch
        {
            ObjectOwnership.BucketOwnerEnforced => bucket.OwnerId,
            ObjectOwnership.BucketOwnerPreferred when context.Headers["x-amz-acl"] == "bucket-owner-full-control" => bucket.OwnerId,
            _ => context.CallerId,
        };
    }

    /// <summary>Refuses public ACLs where the bucket blocks them.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static void RefusePublic(BucketRecord bucket, AccessControlList acl)
    {
        if (acl.IsPublic() && PublicAccessBlock.Of(bucket).BlockPublicAcls)
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }
    }

    /// <summary>Canonical id behind an e-mail address.</summary>
    /// <exception cref="S3Exception">UnresolvableGrantByEmailAddress.</exception>
    internal static string ByEmail(OperationContext context, string email) =>
        context.Services.Identities.FindByEmail(email)?.CanonicalId ?? throw new S3Exception(S3Errors.UnresolvableGrantByEmail);

    /// <summary>Checks that a canonical id is somebody's.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static string ById(OperationContext context, string id)
    {
        Identity? found = context.Services.Identities.FindByCanonicalId(id);
        return found is not null || id == AccessControlList.AnonymousId ? id : throw S3Exception.InvalidArgument("Invalid id", "CanonicalUser/ID", id);
    }

    /// <summary>Checks a group's URI.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static string Group(string uri) => uri is AccessControlList.AllUsers or AccessControlList.AuthenticatedUsers or AccessControlList.LogDelivery
        ? uri
        : throw S3Exception.InvalidArgument("Invalid group uri", "uri", uri);

    private static void AddGrants(OperationContext context, List<AclGrant> grants, string header, AclPermission permission)
    {
        foreach (string part in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string kind = equals < 0 ? "" : part[..equals].Trim();
            string value = equals < 0 ? "" : part[(equals + 1)..].Trim().Trim('"');
            grants.Add(kind.ToLowerInvariant() switch
            {
                "id" => new AclGrant(GranteeKind.User, ById(context, value), permission),
                "emailaddress" => new AclGrant(GranteeKind.User, ByEmail(context, value), permission),
                "uri" => new AclGrant(GranteeKind.Group, Group(value), permission),
                _ => throw S3Exception.InvalidArgument("Argument format not recognized", "x-amz-grant", part),
            });
        }
    }
}

using System;
using System.Collections.Generic;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Decides who may do what. Deny by default; an explicit deny of the bucket policy always wins; then policy, ownership and ACLs may allow.</summary>
/// <remarks>Root passes everything but an explicit deny, and the owner may always manage the policy, so that nobody is locked out for good.</remarks>
internal static class Authorizer
{
    /// <summary>Refuses unless the caller may do it to the bucket or to an object that does not exist yet.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static void Demand(OperationContext context, S3Action action) => Demand(context, action, context.Bucket, context.Key, null);

    /// <summary>Refuses unless the caller may do it to an existing object.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static void Demand(OperationContext context, S3Action action, ObjectRecord target, RequestedChanges? asked = null) =>
        Demand(context, action, context.Bucket, target.Key, target, asked);

    /// <summary>Refuses unless the caller may do it.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static void Demand(
        OperationContext context, S3Action action, BucketRecord bucket, string key, ObjectRecord? target, RequestedChanges? asked = null)
    {
        if (!Allows(context, action, bucket, key, target, asked))
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        context.IsAuthorized = true;
    }

    /// <summary>Refuses unless the caller may write the key, with these tags, and with the lock and the ACL that the headers ask for: each wants a permission of its own.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static void DemandWrite(OperationContext context, IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        RequestedChanges? changes = tags.Count == 0 ? null : new RequestedChanges(tags);
        bool allowed = May(S3Action.PutObject)
            && (tags.Count == 0 || May(S3Action.PutObjectTagging))
            && (!context.Headers.Has("x-amz-object-lock-mode") || May(S3Action.PutObjectRetention))
            && (!context.Headers.Has("x-amz-object-lock-legal-hold") || May(S3Action.PutObjectLegalHold))
            && !IsDeniedAcl(context);
        if (!allowed)
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        context.IsAuthorized = true;

        bool May(S3Action action) => Allows(context, action, context.Bucket, context.Key, null, changes);
    }

    /// <summary>Whether the policy denies the ACL of a put in so many words. Who puts an object owns it, and so may set its ACL unless that is forbidden.</summary>
    private static bool IsDeniedAcl(OperationContext context) =>
        PolicyOf(context, context.Bucket) is { } policy
        && AclRequest.IsIn(context)
        && policy.Evaluate(new PolicyRequest(context, S3Action.PutObjectAcl, context.Bucket, context.Key, null, null)) == PolicyDecision.Deny;

    /// <summary>A bucket's policy; null when it has none.</summary>
    internal static BucketPolicy? PolicyOf(OperationContext context, BucketRecord bucket) =>
        bucket.TryGetDocument(BucketDocuments.Policy, out ReadOnlyMemory<byte> document) ? context.Services.Policies.Get(document) : null;

    /// <summary>Refuses the anonymous user: for what has no bucket to ask.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static Identity DemandIdentity(OperationContext context)
    {
        Identity caller = context.Caller ?? throw new S3Exception(S3Errors.AccessDenied);
        context.IsAuthorized = true;
        return caller;
    }

    /// <summary>For a key that is not there: who may list learns that (404), others learn nothing (403).</summary>
    internal static S3Exception Missing(OperationContext context, S3Exception notFound, BucketRecord bucket) =>
        Allows(context, S3Action.ListBucket, bucket, "", null) ? notFound : new S3Exception(S3Errors.AccessDenied);

    /// <summary>The decision.</summary>
    internal static bool Allows(
        OperationContext context,
        S3Action action,
        BucketRecord bucket,
        string key,
        ObjectRecord? target,
        RequestedChanges? asked = null)
    {
        Identity? caller = context.Caller;
        bool isOwner = caller is not null && caller.CanonicalId == bucket.OwnerId;
        bool isRoot = caller is { IsRoot: true };
        if (!((isOwner || isRoot) && action.ManagesPolicy) && PolicyOf(context, bucket) is { } policy)
        {
            var request = new PolicyRequest(context, action, bucket, key, target, asked);
            switch (policy.Evaluate(request))
            {
                case PolicyDecision.Deny:
                    return false;
                case PolicyDecision.Allow when isOwner || !PublicAccessBlock.Of(bucket).RestrictPublicBuckets || !policy.IsPublic():
                    return true;
            }
        }

        if (isRoot || (isOwner && OwnerMay(bucket, action, target, caller!)))
        {
            return true;
        }

        bool byAcl = AclAllows(action, bucket, target, caller);
        context.AccessLog?.AclRequired |= byAcl;
        return byAcl;
    }

    private static bool OwnerMay(BucketRecord bucket, S3Action action, ObjectRecord? target, Identity owner)
    {
        // Without ownership enforcement an object that somebody else put belongs to them: the bucket's owner may delete it, not read it.
        bool someoneElses = action.Acl == AclSource.Object && target is not null && target.OwnerId != owner.CanonicalId;
        return !someoneElses || ObjectOwnership.IsEnforced(bucket);
    }

    private static bool AclAllows(S3Action action, BucketRecord bucket, ObjectRecord? target, Identity? caller)
    {
        if (action.Acl == AclSource.None || ObjectOwnership.IsEnforced(bucket))
        {
            return false;
        }

        bool ignorePublic = PublicAccessBlock.Of(bucket).IgnorePublicAcls;
        if (action.Acl == AclSource.Bucket)
        {
            return BucketAcl(bucket).Allows(caller, action.Permission, ignorePublic);
        }

        return target is not null
            && (AccessControlList.Decode(target.Acl, target.OwnerId).Allows(caller, action.Permission, ignorePublic)
                || (caller is not null && target.OwnerId == caller.CanonicalId && action.Permission is AclPermission.ReadAcp or AclPermission.WriteAcp));
    }

    /// <summary>A bucket's ACL.</summary>
    internal static AccessControlList BucketAcl(BucketRecord bucket) =>
        AccessControlList.Decode(bucket.TryGetDocument(BucketDocuments.Acl, out ReadOnlyMemory<byte> stored) ? stored : default, bucket.OwnerId);
}

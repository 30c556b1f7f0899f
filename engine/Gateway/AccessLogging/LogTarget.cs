using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a bucket must be to take access logs, and how it lets them in.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging" (permissions for log delivery).</remarks>
internal static class LogTarget
{
    /// <summary>Why logs of a bucket cannot go there whatever it permits; null when they can.</summary>
    internal static string? Obstacle(BucketRecord target, string sourceOwnerId)
    {
        if (target.OwnerId != sourceOwnerId)
        {
            return "The owner for the bucket to be logged and the target bucket must be the same.";
        }

        if (target.ObjectLock)
        {
            return "The target bucket for logging must not have Object Lock enabled.";
        }

        return RequesterPays.IsOn(target) ? "The target bucket for logging must not have Requester Pays enabled." : null;
    }

    /// <summary>Whether the log service may write a key: the policy says so, or, where ACLs count, the log delivery group may WRITE and READ_ACP.</summary>
    /// <param name="delivery">The write, as policies see it: its <see cref="OperationContext.Service"/> is the log service.</param>
    /// <param name="target">The bucket.</param>
    /// <param name="key">The key.</param>
    internal static bool LetsIn(OperationContext delivery, BucketRecord target, string key)
    {
        PolicyDecision decision = Authorizer.PolicyOf(delivery, target)?.Evaluate(new PolicyRequest(delivery, S3Action.PutObject, target, key, null, null))
            ?? PolicyDecision.None;
        return decision switch
        {
            PolicyDecision.Allow => true,
            PolicyDecision.Deny => false,
            _ => GrantsDelivery(target),
        };
    }

    private static bool GrantsDelivery(BucketRecord target)
    {
        if (ObjectOwnership.IsEnforced(target))
        {
            return false;
        }

        AccessControlList acl = Authorizer.BucketAcl(target);
        return acl.AllowsGroup(AccessControlList.LogDelivery, AclPermission.Write) && acl.AllowsGroup(AccessControlList.LogDelivery, AclPermission.ReadAcp);
    }
}

using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Where the access logs of a bucket go: GET and PUT. What comes of it is in <c>AccessLogging</c>.</summary>
/// <remarks>
/// A target that can never take logs, or whose ACL should let them in and does not, is refused. That a policy does not let them in (yet) is not: then they are not delivered.
/// Source: Amazon S3 API Reference, PutBucketLogging and "Error responses" (InvalidTargetBucketForLogging); User Guide, "Enabling Amazon S3 server access logging".
/// </remarks>
internal static class BucketLogging
{
    private static readonly StoredConfiguration Stored = new(
        BucketDocuments.Logging, LoggingConfiguration.RootElement, "GetBucketLogging", "PutBucketLogging", null, static _ => { });

    internal static ValueTask<S3Response> GetAsync(OperationContext context) => Stored.GetAsync(context);

    internal static async ValueTask<S3Response> PutAsync(OperationContext context)
    {
        XmlDocumentElement document = await Stored.ReadAsync(context);
        LoggingConfiguration asked = LoggingConfiguration.Read(document);
        if (!asked.IsEnabled)
        {
            await context.SetDocumentAsync(BucketDocuments.Logging, null);
            return Answer.Ok();
        }

        List<XmlDocumentElement> grants = LoggingConfiguration.GrantsOf(document["LoggingEnabled"]!);
        await DemandTargetAsync(context, asked, grants.Count > 0);
        foreach (XmlDocumentElement grant in grants)
        {
            Resolve(context, grant["Grantee"]!);
        }

        return await Stored.KeepAsync(context, document);
    }

    private static async ValueTask DemandTargetAsync(OperationContext context, LoggingConfiguration asked, bool hasGrants)
    {
        BucketRecord? target = BucketName.IsValid(asked.TargetBucket)
            ? (await context.Metadata.QueryAsync(new GetBucketQuery(asked.TargetBucket))).Bucket
            : null;
        if (target is null)
        {
            throw Refusal(asked, "The target bucket for logging does not exist");
        }

        if (LogTarget.Obstacle(target, context.Bucket.OwnerId) is { } obstacle)
        {
            throw Refusal(asked, obstacle);
        }

        var source = LogSource.Of(context, context.Bucket, asked);
        string key = LogObjectKey.Make(source, context.NowUtc, context.NowUtc, unique: 0);
        S3Target.CheckKey(key);
        if (ObjectOwnership.IsEnforced(target))
        {
            if (hasGrants)
            {
                throw new S3Exception(S3Errors.AccessControlListNotSupported, "The target bucket does not allow ACLs, so that there can be no target grants.");
            }
        }
        else if (!LogTarget.LetsIn(LogDelivery.NewContext(context.Services, source, key, context.NowUtc), target, key))
        {
            throw Refusal(asked, "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket");
        }
    }

    // As ACLs show grantees: somebody named by an address is shown by the id.
    private static void Resolve(OperationContext context, XmlDocumentElement grantee)
    {
        if (grantee.TextOf("URI") is { Length: > 0 } uri)
        {
            AclRequest.Group(uri);
            Rewrite(grantee, "Group", "URI", uri);
            return;
        }

        string id = grantee.TextOf("ID") is { Length: > 0 } given
            ? AclRequest.ById(context, given)
            : AclRequest.ByEmail(context, grantee.Required("EmailAddress"));
        Rewrite(grantee, "CanonicalUser", "ID", id);
        if (context.Services.Identities.FindByCanonicalId(id) is { } known)
        {
            grantee.Children.Add(new XmlDocumentElement("DisplayName") { Text = known.Name });
        }
    }

    private static void Rewrite(XmlDocumentElement grantee, string type, string name, string value)
    {
        grantee.Type = type;
        grantee.Children.Clear();
        grantee.Children.Add(new XmlDocumentElement(name) { Text = value });
    }

    private static S3Exception Refusal(LoggingConfiguration asked, string message) =>
        new(S3Errors.InvalidTargetBucketForLogging, message, ("TargetBucket", asked.TargetBucket));
}

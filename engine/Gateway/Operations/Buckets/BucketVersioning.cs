using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET and PUT bucket versioning.</summary>
internal static class BucketVersioning
{
    internal static ValueTask<S3Response> GetAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.GetBucketVersioning);
        var xml = new XmlDocumentWriter("VersioningConfiguration");
        if (context.Bucket.Versioning != VersioningState.Off)
        {
            xml.Element("Status", context.Bucket.Versioning == VersioningState.Enabled ? "Enabled" : "Suspended");
        }

        return ValueTask.FromResult(Answer.Xml(xml));
    }

    internal static async ValueTask<S3Response> PutAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.PutBucketVersioning);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context);
        XmlDocumentElement root = XmlDocumentReader.Parse(body, "VersioningConfiguration");
        VersioningState state = root.TextOf("Status") switch
        {
            "Enabled" => VersioningState.Enabled,
            "Suspended" => VersioningState.Suspended,
            null => throw new S3Exception(S3Errors.IllegalVersioningConfiguration, "The Versioning element must be specified"),
            _ => throw S3Exception.MalformedXml(),
        };
        if (root.TextOf("MfaDelete") == "Enabled")
        {
            throw new S3Exception(S3Errors.NotImplemented);
        }

        if (state == VersioningState.Suspended && context.Bucket.ObjectLock)
        {
            throw new S3Exception(
                S3Errors.InvalidBucketState, "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.");
        }

        CommandResult result = await context.Metadata.ExecuteAsync(
            new SetVersioningCommand(context.BucketName, state) { NowUtc = context.NowUtc });
        context.ThrowIf(result.Error);
        return Answer.Ok();
    }
}

using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Object lock: a bucket's configuration, an object's retention and legal hold.</summary>
internal static class ObjectLocks
{
    private static readonly S3Action GetConfiguration = new("s3:GetBucketObjectLockConfiguration");
    private static readonly S3Action PutConfiguration = new("s3:PutBucketObjectLockConfiguration");

    internal static ValueTask<S3Response> GetConfigurationAsync(OperationContext context)
    {
        Authorizer.Demand(context, GetConfiguration);
        if (!context.Bucket.ObjectLock)
        {
            throw new S3Exception(S3Errors.ObjectLockConfigurationNotFound, ("BucketName", context.BucketName));
        }

        var xml = new XmlDocumentWriter("ObjectLockConfiguration");
        xml.Element("ObjectLockEnabled", "Enabled");
        if (context.TryGetDocument(BucketDocuments.ObjectLock, out ReadOnlyMemory<byte> stored)
            && DefaultRetention.Decode(stored) is { Mode.Length: > 0 } retention)
        {
            xml.Start("Rule");
            xml.Start("DefaultRetention");
            xml.Element("Mode", retention.Mode);
            xml.Element(retention.Days > 0 ? "Days" : "Years", retention.Days > 0 ? retention.Days : retention.Years);
            xml.End("DefaultRetention");
            xml.End("Rule");
        }

        return ValueTask.FromResult(Answer.Xml(xml));
    }

    internal static async ValueTask<S3Response> PutConfigurationAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutConfiguration);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context);
        XmlDocumentElement root = XmlDocumentReader.Parse(body, "ObjectLockConfiguration");
        if (root.TextOf("ObjectLockEnabled") != "Enabled")
        {
            throw S3Exception.MalformedXml();
        }

        var command = new SetBucketDocumentCommand(context.BucketName, BucketDocuments.ObjectLock, Default(root["Rule"]).Encode())
        {
            NowUtc = context.NowUtc,
            EnableObjectLock = true,
        };
        CommandResult result = await context.Metadata.ExecuteAsync(command);
        if (result.Error == MetadataError.InvalidBucketState)
        {
            throw new S3Exception(S3Errors.InvalidBucketState, "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
        }

        context.ThrowIf(result.Error);
        return Answer.Ok();
    }

    internal static async ValueTask<S3Response> GetRetentionAsync(OperationContext context)
    {
        QueryResult found = await ObjectReader.FindAsync(context, S3Action.GetObjectRetention, S3Action.GetObjectRetention);
        DemandLockable(context);
        if (found.Object!.RetentionMode.Length == 0 || found.Object.RetainUntilUtc is not { } until)
        {
            throw new S3Exception(S3Errors.NoSuchObjectLockConfiguration);
        }

        var xml = new XmlDocumentWriter("Retention");
        xml.Element("Mode", found.Object.RetentionMode);
        xml.Element("RetainUntilDate", Timestamps.IsoMilliseconds(until));
        return Answer.Xml(xml);
    }

    internal static async ValueTask<S3Response> PutRetentionAsync(OperationContext context)
    {
        ObjectRecord target = await ObjectReader.FindToChangeAsync(context);
        (string mode, DateTime? until) = await ObjectReader.ReadChangeAsync(context, S3Action.PutObjectRetention, target, body => Retention(context, body));
        var asked = new RequestedChanges(Lock: new ObjectLockHeaders(mode, until, null));
        Authorizer.Demand(context, S3Action.PutObjectRetention, target, asked);
        DemandLockable(context);
        return await UpdateAsync(
            context,
            new UpdateObjectCommand(context.BucketName, context.Key, context.VersionParameter)
            {
                NowUtc = context.NowUtc,
                RetentionMode = mode,
                RetainUntilUtc = until,
                BypassGovernance = DeleteObject.MayBypassGovernance(context, context.Key, asked),
            });
    }

    internal static async ValueTask<S3Response> GetLegalHoldAsync(OperationContext context)
    {
        QueryResult found = await ObjectReader.FindAsync(context, S3Action.GetObjectLegalHold, S3Action.GetObjectLegalHold);
        DemandLockable(context);
        if (found.Object!.LegalHold is not { } isHeld)
        {
            throw new S3Exception(S3Errors.NoSuchObjectLockConfiguration);
        }

        var xml = new XmlDocumentWriter("LegalHold");
        xml.Element("Status", isHeld ? "ON" : "OFF");
        return Answer.Xml(xml);
    }

    internal static async ValueTask<S3Response> PutLegalHoldAsync(OperationContext context)
    {
        ObjectRecord target = await ObjectReader.FindToChangeAsync(context);
        bool hold = await ObjectReader.ReadChangeAsync(context, S3Action.PutObjectLegalHold, target, LegalHold);
        Authorizer.Demand(context, S3Action.PutObjectLegalHold, target, new RequestedChanges(Lock: new ObjectLockHeaders("", null, hold)));
        DemandLockable(context);
        return await UpdateAsync(
            context,
            new UpdateObjectCommand(context.BucketName, context.Key, context.VersionParameter) { NowUtc = context.NowUtc, LegalHold = hold });
    }

    private static async ValueTask<S3Response> UpdateAsync(OperationContext context, UpdateObjectCommand command)
    {
        CommandResult result = await context.Metadata.ExecuteAsync(command);
        context.ThrowIf(result.Error);
        S3Response response = Answer.Ok();
        response.AddVersion(context.Bucket, result.Object!.Version);
        return response;
    }

    private static void DemandLockable(OperationContext context)
    {
        if (!context.Bucket.ObjectLock)
        {
            throw S3Exception.InvalidRequest("Bucket is missing Object Lock Configuration");
        }
    }

    private static bool LegalHold(ReadOnlyMemory<byte> body) => XmlDocumentReader.Parse(body, "LegalHold").TextOf("Status") switch
    {
        "ON" => true,
        "OFF" => false,
        _ => throw S3Exception.MalformedXml(),
    };

    private static (string Mode, DateTime? Until) Retention(OperationContext context, ReadOnlyMemory<byte> body)
    {
        XmlDocumentElement root = XmlDocumentReader.Parse(body, "Retention");
        string? mode = root.TextOf("Mode");
        string? date = root.TextOf("RetainUntilDate");
        if (mode is null && date is null)
        {
            return ("", null);
        }

        if (mode is not ("GOVERNANCE" or "COMPLIANCE") || date is null || !Timestamps.TryParseIso(date, out DateTime until))
        {
            throw S3Exception.MalformedXml();
        }

        return until > context.NowUtc
            ? (mode, until)
            : throw S3Exception.InvalidArgument("The retain until date must be in the future!", "RetainUntilDate", date);
    }

    private static DefaultRetention Default(XmlDocumentElement? rule)
    {
        if (rule is null)
        {
            return new DefaultRetention("", 0, 0);
        }

        XmlDocumentElement retention = rule["DefaultRetention"] ?? throw S3Exception.MalformedXml();
        string mode = retention.Required("Mode");
        string? days = retention.TextOf("Days");
        string? years = retention.TextOf("Years");
        if (mode is not ("GOVERNANCE" or "COMPLIANCE") || days is null == years is null)
        {
            throw S3Exception.MalformedXml();
        }

        return new DefaultRetention(mode, Positive(days, "days", 36_500), Positive(years, "years", 100));
    }

    private static int Positive(string? text, string unit, int most)
    {
        if (text is null)
        {
            return 0;
        }

        int value = Numbers.ParseElement(text);
        return value is > 0 && value <= most
            ? value
            : throw new S3Exception(
                S3Errors.InvalidArgument,
                value <= 0 ? "Default retention period must be a positive integer value." : $"Default retention period too large for {unit}.");
    }
}

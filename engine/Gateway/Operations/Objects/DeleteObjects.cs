using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>POST bucket delete: up to 1000 objects, each with its own outcome.</summary>
internal static class DeleteObjects
{
    private const int EntriesMax = 1000;
    private const int AtOnceMax = 64;

    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context, digestRequired: true);
        XmlDocumentElement root = XmlDocumentReader.Parse(body, "Delete");
        bool quiet = root.TextOf("Quiet") == "true";
        List<XmlDocumentElement> objects = root.All("Object");
        if (objects.Count is 0 or > EntriesMax)
        {
            throw S3Exception.MalformedXml();
        }

        // All of the document is read before anything is deleted.
        List<Entry> entries = objects.ConvertAll(Read);

        // Each entry is authorized for itself.
        context.IsAuthorized = true;
        var xml = new XmlDocumentWriter("DeleteResult");
        for (int start = 0; start < entries.Count; start += AtOnceMax)
        {
            List<Task<Outcome>> running = [];
            foreach (Entry entry in entries.GetRange(start, int.Min(AtOnceMax, entries.Count - start)))
            {
                running.Add(DeleteAsync(context, entry));
            }

            foreach (Outcome outcome in await Task.WhenAll(running))
            {
                context.AccessLog?.NoteDeletion(outcome.Key, outcome.VersionText, outcome.Refusal?.Error);
                Write(xml, outcome, quiet);
            }
        }

        return Answer.Xml(xml);
    }

    private static Entry Read(XmlDocumentElement element) =>
        new(element["Key"]?.Text ?? throw S3Exception.MalformedXml(), element.TextOf("VersionId"), ConditionsOf(element));

    private static async Task<Outcome> DeleteAsync(OperationContext context, Entry entry)
    {
        (string key, string? versionText, WriteConditions? conditions) = entry;
        try
        {
            if (key.Length == 0)
            {
                throw S3Exception.MalformedXml();
            }

            S3Target.CheckKey(key);
            VersionId? version = null;
            if (!string.IsNullOrEmpty(versionText))
            {
                version = VersionIds.TryParse(versionText, out VersionId parsed) ? parsed : throw new S3Exception(S3Errors.NoSuchVersion);
            }

            S3Action action = version is null ? S3Action.DeleteObject : S3Action.DeleteObjectVersion;
            Authorizer.Demand(context, action, context.Bucket, key, null);
            await DeleteObject.DemandConditionsAsync(context, key, conditions);
            CommandResult result = await DeleteObject.ExecuteAsync(context, key, version, conditions);
            return result.Error is MetadataError.None or MetadataError.NoSuchKey or MetadataError.NoSuchVersion
                ? new Outcome(key, versionText, result, null)
                : throw context.Refusal(result.Error, key, versionText);
        }
        catch (S3Exception refusal)
        {
            return new Outcome(key, versionText, null, refusal);
        }
    }

    private static WriteConditions? ConditionsOf(XmlDocumentElement entry)
    {
        string? etag = entry.TextOf("ETag");
        string? modified = entry.TextOf("LastModifiedTime");
        string? size = entry.TextOf("Size");
        if (etag is null && modified is null && size is null)
        {
            return null;
        }

        DateTime? modifiedUtc = null;
        if (modified is not null)
        {
            modifiedUtc = Timestamps.TryParseHttp(modified, out DateTime parsed) ? parsed : throw S3Exception.MalformedXml();
        }

        return new WriteConditions(
            etag is null ? null : [etag.Trim('"')],
            null,
            modifiedUtc,
            size is null ? null : long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : throw S3Exception.MalformedXml());
    }

    private static void Write(XmlDocumentWriter xml, Outcome outcome, bool quiet)
    {
        if (outcome.Refusal is S3Exception refusal)
        {
            xml.Start("Error");
            xml.Element("Key", outcome.Key);
            xml.Optional("VersionId", outcome.VersionText);
            xml.Element("Code", refusal.Error.Code);
            xml.Element("Message", refusal.Message);
            xml.End("Error");
            return;
        }

        if (quiet)
        {
            return;
        }

        CommandResult result = outcome.Result!;
        xml.Start("Deleted");
        xml.Element("Key", outcome.Key);
        xml.Optional("VersionId", outcome.VersionText);
        if (result.IsDeleteMarker)
        {
            xml.Element("DeleteMarker", true);
            xml.Element("DeleteMarkerVersionId", result.Version is VersionId version ? VersionIds.Format(version) : outcome.VersionText ?? "");
        }

        xml.End("Deleted");
    }

    private sealed record Entry(string Key, string? VersionText, WriteConditions? Conditions);

    private sealed record Outcome(string Key, string? VersionText, CommandResult? Result, S3Exception? Refusal);
}

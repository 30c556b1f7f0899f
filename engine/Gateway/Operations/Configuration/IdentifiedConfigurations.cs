using System;
using System.Buffers;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Bucket configurations of which there are several, each under an id: inventory, analytics, metrics, intelligent tiering. GET, PUT, DELETE and list.</summary>
/// <remarks>Each is a document of its own, so that two that are put at once do not undo each other. Source: Amazon S3 API reference, PutBucketInventoryConfiguration and its like.</remarks>
/// <param name="subResource">Sub-resource, and what the kinds of their documents begin with.</param>
/// <param name="root">Name of their root element.</param>
/// <param name="list">Name of the root element of lists.</param>
/// <param name="get">Action of reading.</param>
/// <param name="put">Action of writing and deleting.</param>
/// <param name="check">Refuses documents that are not valid.</param>
internal sealed class IdentifiedConfigurations(
    string subResource, string root, string list, string get, string put, Action<XmlDocumentElement> check)
{
    private const int CountMax = 1000;
    private const int PageEntries = 100;
    private const int IdLengthMax = 64;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly S3Action _get = new($"s3:{get}");
    private readonly S3Action _put = new($"s3:{put}");
    private readonly string _kindPrefix = subResource + "/";

    internal ValueTask<S3Response> GetAsync(OperationContext context)
    {
        Authorizer.Demand(context, _get);
        return context.TryGetDocument(_kindPrefix + Id(context), out ReadOnlyMemory<byte> stored)
            ? ValueTask.FromResult(Answer.Document(stored, "application/xml"))
            : throw new S3Exception(S3Errors.NoSuchConfiguration);
    }

    internal async ValueTask<S3Response> PutAsync(OperationContext context)
    {
        Authorizer.Demand(context, _put);
        string id = Id(context);
        XmlDocumentElement document = XmlDocumentReader.Parse(await RequestBody.ReadDocumentAsync(context), root);
        if (document.SingleText("Id") != id)
        {
            throw S3Exception.InvalidArgument("The id in the document is not that of the request", "Id", document.TextOf("Id") ?? "");
        }

        check(document);
        List<string> kinds = Kinds(context.Bucket);
        if (kinds.Count >= CountMax && !kinds.Contains(_kindPrefix + id))
        {
            throw new S3Exception(S3Errors.TooManyConfigurations);
        }

        var xml = new XmlDocumentWriter(root);
        StoredConfiguration.Write(xml, document);
        await context.SetDocumentAsync(_kindPrefix + id, xml.Finish());
        return Answer.Ok();
    }

    internal async ValueTask<S3Response> DeleteAsync(OperationContext context)
    {
        Authorizer.Demand(context, _put);
        string kind = _kindPrefix + Id(context);
        if (!context.TryGetDocument(kind, out _))
        {
            throw new S3Exception(S3Errors.NoSuchConfiguration);
        }

        await context.SetDocumentAsync(kind, null);
        return Answer.NoContent();
    }

    internal ValueTask<S3Response> ListAsync(OperationContext context)
    {
        Authorizer.Demand(context, _get);
        string? token = context.Query["continuation-token"];
        string after = string.IsNullOrEmpty(token) ? "" : ContinuationToken.Decode(token);
        List<string> kinds = Kinds(context.Bucket).FindAll(kind => string.CompareOrdinal(kind, after) > 0);
        int shown = int.Min(kinds.Count, PageEntries);
        var xml = new XmlDocumentWriter(list);
        foreach (string kind in kinds[..shown])
        {
            context.TryGetDocument(kind, out ReadOnlyMemory<byte> stored);
            xml.Start(root);
            StoredConfiguration.Write(xml, XmlDocumentReader.Parse(stored, root));
            xml.End(root);
        }

        xml.Element("IsTruncated", shown < kinds.Count);
        xml.Optional("ContinuationToken", token);
        if (shown < kinds.Count)
        {
            xml.Element("NextContinuationToken", ContinuationToken.Encode(kinds[shown - 1]));
        }

        return ValueTask.FromResult(Answer.Xml(xml));
    }

    private List<string> Kinds(BucketRecord bucket)
    {
        List<string> kinds = [];
        foreach ((string kind, _) in bucket.Documents)
        {
            if (kind.StartsWith(_kindPrefix, StringComparison.Ordinal))
            {
                kinds.Add(kind);
            }
        }

        kinds.Sort(StringComparer.Ordinal);
        return kinds;
    }

    private static string Id(OperationContext context)
    {
        string? id = context.Query["id"];
        return id is { Length: > 0 and <= IdLengthMax } && id.AsSpan().IndexOfAnyExcept(IdCharacters) < 0
            ? id
            : throw new S3Exception(S3Errors.InvalidConfigurationId, ("Id", id ?? ""));
    }
}

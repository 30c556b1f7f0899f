using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>A bucket configuration that is kept as the client wrote it: GET, PUT and DELETE over one kind of document.</summary>
/// <param name="kind">Kind of document, and sub-resource.</param>
/// <param name="root">Name of its root element.</param>
/// <param name="get">Action of reading it.</param>
/// <param name="put">Action of writing and deleting it.</param>
/// <param name="missing">Error when there is none; null when S3 answers with an empty document.</param>
/// <param name="check">Refuses documents that are not valid.</param>
/// <param name="header">A header that belongs to it; null for most.</param>
internal sealed class StoredConfiguration(
    string kind, string root, string get, string put, S3Error? missing, Action<XmlDocumentElement> check, KeptHeader? header = null)
{
    private readonly S3Action _get = new($"s3:{get}");
    private readonly S3Action _put = new($"s3:{put}");

    /// <summary>Largest document that a client may send, in bytes, where S3 has a limit of its own.</summary>
    internal int SizeBytesMax { get; init; } = int.MaxValue;

    internal ValueTask<S3Response> GetAsync(OperationContext context)
    {
        Authorizer.Demand(context, _get);
        if (context.TryGetDocument(kind, out ReadOnlyMemory<byte> stored))
        {
            S3Response response = Answer.Document(stored, "application/xml");
            header?.Tell(response, context);
            return ValueTask.FromResult(response);
        }

        if (missing is not null)
        {
            throw new S3Exception(missing, ("BucketName", context.BucketName));
        }

        var empty = new XmlDocumentWriter(root);
        if (kind == BucketDocuments.RequestPayment)
        {
            empty.Element("Payer", "BucketOwner");
        }

        return ValueTask.FromResult(Answer.Xml(empty));
    }

    internal async ValueTask<S3Response> PutAsync(OperationContext context) => await KeepAsync(context, await ReadAsync(context));

    internal async ValueTask<S3Response> DeleteAsync(OperationContext context)
    {
        Authorizer.Demand(context, _put);
        await context.SetDocumentAsync(kind, null);
        return Answer.NoContent();
    }

    /// <summary>The document of a PUT, checked.</summary>
    /// <exception cref="S3Exception">It may not be put, or is not valid.</exception>
    internal async ValueTask<XmlDocumentElement> ReadAsync(OperationContext context)
    {
        Authorizer.Demand(context, _put);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context, sizeBytesMax: SizeBytesMax);
        XmlDocumentElement document = XmlDocumentReader.Parse(body, root);
        check(document);
        return document;
    }

    /// <summary>Keeps a document that was read.</summary>
    internal async ValueTask<S3Response> KeepAsync(OperationContext context, XmlDocumentElement document)
    {
        var xml = new XmlDocumentWriter(root);
        Write(xml, document);
        S3Response response = Answer.Ok();
        if (header is not null)
        {
            await header.KeepAsync(context, response);
        }

        await context.SetDocumentAsync(kind, xml.Finish());
        return response;
    }

    /// <summary>Writes what is in an element anew, so that what is answered is well-formed, in the namespace, and free of whatever else came along.</summary>
    internal static void Write(XmlDocumentWriter xml, XmlDocumentElement parent)
    {
        foreach (XmlDocumentElement child in parent.Children)
        {
            if (child.Children.Count == 0)
            {
                xml.Element(child.Name, child.Text);
                continue;
            }

            if (child.Type.Length > 0)
            {
                xml.StartTyped(child.Name, child.Type);
            }
            else
            {
                xml.Start(child.Name);
            }

            Write(xml, child);
            xml.End(child.Name);
        }
    }
}

using System;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>Usual forms of success.</summary>
internal static class Answer
{
    /// <summary>200 with a document.</summary>
    internal static S3Response Xml(XmlDocumentWriter xml)
    {
        ArraySegment<byte> document = xml.Finish();
        S3Response response = Document(document, "application/xml");
        response.PooledBody = document.Array;
        return response;
    }

    /// <summary>200 with a document of another type.</summary>
    internal static S3Response Document(ReadOnlyMemory<byte> body, string contentType)
    {
        var response = new S3Response { Status = 200, Body = body };
        response.SetHeader("Content-Type", contentType);
        response.SetHeader("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    /// <summary>200 with nothing in it.</summary>
    internal static S3Response Ok()
    {
        var response = new S3Response { Status = 200 };
        response.SetHeader("Content-Length", "0");
        return response;
    }

    /// <summary>204.</summary>
    internal static S3Response NoContent() => new() { Status = 204 };
}

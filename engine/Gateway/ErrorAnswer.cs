using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Makes error answers. HEAD and 304 have no document.</summary>
internal static class ErrorAnswer
{
    internal static S3Response Make(S3Exception refusal, S3Request request, string requestId, string hostId)
    {
        var response = new S3Response { Status = refusal.Error.Status };
        foreach ((string name, string value) in refusal.Headers)
        {
            response.SetHeader(name, value);
        }

        if (refusal.Error.Status == 304)
        {
            return response;
        }

        if (request.Method == "HEAD")
        {
            response.SetHeader("Content-Type", "application/xml");
            return response;
        }

        var xml = new XmlDocumentWriter("Error", withNamespace: false);
        WriteBody(xml, refusal);
        if (!Contains(refusal.Fields, "Resource"))
        {
            xml.Element("Resource", Resource(request));
        }

        xml.Element("RequestId", requestId);
        xml.Element("HostId", hostId);
        response.Body = xml.Finish();
        response.SetHeader("Content-Type", "application/xml");
        response.SetHeader("Content-Length", response.Body.Length.ToString());
        return response;
    }

    private static void WriteBody(XmlDocumentWriter xml, S3Exception refusal)
    {
        xml.Element("Code", refusal.Error.Code);
        xml.Element("Message", refusal.Message);
        foreach (ErrorField field in refusal.Fields)
        {
            xml.Element(field.Name, field.Value);
        }
    }

    private static bool Contains(IReadOnlyList<ErrorField> fields, string name)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private static string Resource(S3Request request) =>
        PercentEncoding.TryDecode(request.RawPath, plusIsSpace: false, out string path) ? path : request.RawPath;
}

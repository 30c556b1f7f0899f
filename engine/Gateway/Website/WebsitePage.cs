using System.Globalization;
using System.Net;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>The answers of websites that no object stands for: errors as HTML pages, and redirects.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Configuring a custom error document".</remarks>
internal static class WebsitePage
{
    /// <summary>A refusal as a page. An object that has not changed (304) has none, nor has an answer to HEAD.</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="requestId">Shown.</param>
    /// <param name="hostId">Shown.</param>
    /// <param name="ofErrorDocument">Why the bucket's own error document cannot be shown; null when there is none.</param>
    internal static S3Response Refuse(S3Exception refusal, string method, string requestId, string hostId, S3Exception? ofErrorDocument = null)
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

        NameError(response, refusal.Error);
        response.SetHeader("Content-Type", "text/html; charset=utf-8");
        if (method == "HEAD")
        {
            return response;
        }

        string title = $"{refusal.Error.Status.ToString(CultureInfo.InvariantCulture)} {Reason(refusal.Error.Status)}";
        var html = new StringBuilder($"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>\n");
        AddDetails(html, refusal);
        AddDetail(html, "RequestId", requestId);
        AddDetail(html, "HostId", hostId);
        html.Append("</ul>\n");
        if (ofErrorDocument is not null)
        {
            html.Append("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n");
            AddDetails(html, ofErrorDocument);
            html.Append("</ul>\n");
        }

        response.Body = Encoding.UTF8.GetBytes(html.Append("<hr/>\n</body>\n</html>\n").ToString());
        response.SetHeader("Content-Length", response.Body.Length.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    /// <summary>Names the error in headers, for programs and for HEAD: texts of our own, nothing that a client sent.</summary>
    internal static void NameError(S3Response response, S3Error error)
    {
        response.SetHeader("x-amz-error-code", error.Code);
        response.SetHeader("x-amz-error-message", error.Message);
    }

    /// <summary>A redirect.</summary>
    /// <param name="status">3xx.</param>
    /// <param name="location">Nothing but characters of a URI: see <see cref="LocationText"/>.</param>
    internal static S3Response Redirect(int status, string location)
    {
        var response = new S3Response { Status = status };
        response.SetHeader("Location", location);
        if (status != 304)
        {
            response.SetHeader("Content-Length", "0");
        }

        return response;
    }

    private static void AddDetails(StringBuilder html, S3Exception refusal)
    {
        AddDetail(html, "Code", refusal.Error.Code);
        AddDetail(html, "Message", refusal.Message);
        foreach (ErrorField field in refusal.Fields)
        {
            AddDetail(html, field.Name, field.Value);
        }
    }

    private static void AddDetail(StringBuilder html, string name, string value) =>
        html.Append("<li>").Append(name).Append(": ").Append(WebUtility.HtmlEncode(value)).Append("</li>\n");

    private static string Reason(int status) => status switch
    {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        412 => "Precondition Failed",
        416 => "Requested Range Not Satisfiable",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Error",
    };
}

using System;
using System.Text;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>A header that is sent with a configuration document, kept beside it and told with it.</summary>
/// <param name="name">Of the header.</param>
/// <param name="kind">Kind of document that keeps it.</param>
/// <param name="values">What it may be; the first when it is not sent.</param>
internal sealed class KeptHeader(string name, string kind, params string[] values)
{
    /// <summary>Keeps what the request says, and adds it to the answer.</summary>
    /// <exception cref="S3Exception">InvalidArgument: not one of the values.</exception>
    internal async ValueTask KeepAsync(OperationContext context, S3Response response)
    {
        string value = context.Headers[name] ?? values[0];
        if (Array.IndexOf(values, value) < 0)
        {
            throw S3Exception.InvalidArgument($"The {name} header must be one of {string.Join(", ", values)}", name, value);
        }

        await context.SetDocumentAsync(kind, Encoding.ASCII.GetBytes(value));
        response.SetHeader(name, value);
    }

    /// <summary>Adds what was kept to an answer.</summary>
    internal void Tell(S3Response response, OperationContext context) =>
        response.SetHeader(name, context.TryGetDocument(kind, out ReadOnlyMemory<byte> kept) ? Encoding.ASCII.GetString(kept.Span) : values[0]);
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Reflection;

namespace ObjectStore.Sim.Viewer;

/// <summary>Puts the embedded parts of a page together into one file.</summary>
internal static class PageTemplate
{
    /// <param name="page">The resource that the page is made of.</param>
    /// <param name="title">Text; is escaped here.</param>
    /// <param name="styles">Style sheets.</param>
    /// <param name="scripts">Scripts, in order.</param>
    /// <param name="json">Data; must not hold a <c>&lt;</c>, which would end the element.</param>
    internal static string Fill(string page, string title, IReadOnlyList<string> styles, IReadOnlyList<string> scripts, string json)
    {
        if (json.Contains('<', StringComparison.Ordinal))
        {
            throw new ArgumentException("the data of a page must be escaped", nameof(json));
        }

        // One pass over the template: what is put in is never looked at again, so that data cannot stand for another part.
        var parts = new Dictionary<string, string>
        {
            ["title"] = WebUtility.HtmlEncode(title),
            ["style"] = string.Concat(styles.Select(Read)),
            ["script"] = string.Concat(scripts.Select(Read)),
            ["data"] = json,
        };
        string[] pieces = Read(page).Split("{{");
        return pieces[0] + string.Concat(pieces.Skip(1).Select(piece =>
        {
            int end = piece.IndexOf("}}", StringComparison.Ordinal);
            return string.Concat(parts[piece[..end]], piece.AsSpan(end + 2));
        }));
    }

    private static string Read(string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"no resource '{resource}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

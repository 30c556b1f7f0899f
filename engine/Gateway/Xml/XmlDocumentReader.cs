using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace ObjectStore.Engine.Gateway;

/// <summary>An element of a request document: its local name, attributes, text and children. Namespaces are not looked at; S3 takes documents with and without.</summary>
internal sealed class XmlDocumentElement(string name)
{
    /// <summary>Local name.</summary>
    internal string Name { get; } = name;

    /// <summary>Text directly inside; white space kept.</summary>
    internal string Text { get; set; } = "";

    /// <summary>Attribute <c>xsi:type</c>, or empty.</summary>
    internal string Type { get; set; } = "";

    /// <summary>In document order.</summary>
    internal List<XmlDocumentElement> Children { get; } = [];

    /// <summary>The first child of that name, or null.</summary>
    internal XmlDocumentElement? this[string childName] => Children.Find(child => child.Name == childName);

    /// <summary>Children of that name.</summary>
    internal List<XmlDocumentElement> All(string childName) => Children.FindAll(child => child.Name == childName);

    /// <summary>Text of an element that has no children. What is kept of a leaf is its text: elements in it would be read one way here and another way when they are kept.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal string LeafText() => Children.Count == 0 ? Text : throw S3Exception.MalformedXml();

    /// <summary>The child of that name, or null; two are refused.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal XmlDocumentElement? Single(string childName)
    {
        List<XmlDocumentElement> found = All(childName);
        return found.Count switch
        {
            0 => null,
            1 => found[0],
            _ => throw S3Exception.MalformedXml(),
        };
    }

    /// <summary>The one child of that name.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal XmlDocumentElement RequiredSingle(string childName) => Single(childName) ?? throw S3Exception.MalformedXml();

    /// <summary>Trimmed text of the one child of that name, a leaf; null when it is absent.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal string? SingleText(string childName) => Single(childName)?.LeafText().Trim();

    /// <summary>Trimmed text of the one child of that name, a leaf.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal string RequiredSingleText(string childName) => RequiredSingle(childName).LeafText().Trim();

    /// <summary>Trimmed text of a child, or null when it is absent.</summary>
    internal string? TextOf(string childName) => this[childName]?.Text.Trim();

    /// <summary>Trimmed text of a child that must be there.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal string Required(string childName) => TextOf(childName) ?? throw S3Exception.MalformedXml();

    /// <summary>Refuses children other than these, and text between them.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal void Only(params ReadOnlySpan<string> names)
    {
        if (!string.IsNullOrWhiteSpace(Text))
        {
            throw S3Exception.MalformedXml();
        }

        foreach (XmlDocumentElement child in Children)
        {
            if (!names.Contains(child.Name))
            {
                throw S3Exception.MalformedXml();
            }
        }
    }
}

/// <summary>Reads request documents safely: no document types, no entities, bounded depth, size and count of elements.</summary>
internal static class XmlDocumentReader
{
    private const int DepthMax = 16;
    private const int ElementsMax = 200_000;

    // Characters that XML 1.0 forbids come in keys as numeric references (batch delete of such a key), so they are let through.
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = false,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        MaxCharactersFromEntities = 0,
    };

    /// <summary>Parses a document whose root must have the name given.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static XmlDocumentElement Parse(ReadOnlyMemory<byte> body, string root)
    {
        XmlDocumentElement document = Parse(body);
        return document.Name == root ? document : throw S3Exception.MalformedXml();
    }

    /// <summary>Reads a document as it is kept. An earlier program may have kept what would be refused today.</summary>
    /// <param name="document">The document.</param>
    /// <param name="root">Name of its root.</param>
    /// <param name="read">Reads it as a client would send it.</param>
    /// <param name="refused">What one that is refused means.</param>
    internal static T ReadKept<T>(ReadOnlyMemory<byte> document, string root, Func<XmlDocumentElement, T> read, T refused)
    {
        try
        {
            return read(Parse(document, root));
        }
        catch (S3Exception)
        {
            return refused;
        }
    }

    /// <summary>Parses a document.</summary>
    /// <exception cref="S3Exception">MalformedXML; MissingRequestBodyError where there is none.</exception>
    internal static XmlDocumentElement Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            throw new S3Exception(S3Errors.MissingRequestBody);
        }

        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(body, out ArraySegment<byte> segment) ? segment : body.ToArray();
        try
        {
            using var stream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
            using var reader = XmlReader.Create(stream, Settings);
            return Read(reader);
        }
        catch (Exception malformed) when (malformed is XmlException or DecoderFallbackException or ArgumentException)
        {
            throw S3Exception.MalformedXml();
        }
    }

    private static XmlDocumentElement Read(XmlReader reader)
    {
        var open = new Stack<XmlDocumentElement>();
        XmlDocumentElement? root = null;
        int count = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++count > ElementsMax || open.Count >= DepthMax)
                    {
                        throw S3Exception.MalformedXml();
                    }

                    bool isEmpty = reader.IsEmptyElement;
                    var element = new XmlDocumentElement(reader.LocalName)
                    {
                        Type = reader.GetAttribute("type", "http://www.w3.org/2001/XMLSchema-instance") ?? "",
                    };
                    if (open.TryPeek(out XmlDocumentElement? parent))
                    {
                        parent.Children.Add(element);
                    }

                    root ??= element;
                    if (!isEmpty)
                    {
                        open.Push(element);
                    }

                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    if (open.TryPeek(out XmlDocumentElement? current))
                    {
                        current.Text += reader.Value;
                    }

                    break;
            }
        }

        return root ?? throw S3Exception.MalformedXml();
    }
}

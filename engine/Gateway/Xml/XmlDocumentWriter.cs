using System;
using System.Buffers;
using System.Globalization;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Writes an XML answer as UTF-8 straight into a buffer. Knows no more of XML than S3 answers need.</summary>
/// <remarks>Control characters that XML 1.0 cannot hold are written as numeric references, as S3 does; clients that mind ask for <c>encoding-type=url</c>.</remarks>
internal sealed class XmlDocumentWriter
{
    /// <summary>Namespace of S3 documents.</summary>
    internal const string S3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    /// <summary>Starts with the declaration and the root element.</summary>
    internal XmlDocumentWriter(string root, bool withNamespace = true, string text = "")
    {
        _buffer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);
        _buffer.Write("<"u8);
        Raw(root);
        if (withNamespace)
        {
            _buffer.Write(" xmlns=\""u8);
            Raw(S3Namespace);
            _buffer.Write("\""u8);
        }

        _buffer.Write(">"u8);
        Root = root;
        Text(text);
    }

    private string Root { get; }

    /// <summary>Opens an element.</summary>
    internal void Start(string name)
    {
        _buffer.Write("<"u8);
        Raw(name);
        _buffer.Write(">"u8);
    }

    /// <summary>Opens an element with an <c>xsi:type</c>.</summary>
    internal void StartTyped(string name, string type)
    {
        _buffer.Write("<"u8);
        Raw(name);
        _buffer.Write(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\""u8);
        Raw(type);
        _buffer.Write("\">"u8);
    }

    /// <summary>Closes it.</summary>
    internal void End(string name)
    {
        _buffer.Write("</"u8);
        Raw(name);
        _buffer.Write(">"u8);
    }

    /// <summary>An element with text; an empty one for empty text.</summary>
    internal void Element(string name, string value)
    {
        Start(name);
        Text(value);
        End(name);
    }

    /// <summary>An element, unless the value is null or empty.</summary>
    internal void Optional(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Element(name, value);
        }
    }

    /// <summary>A number.</summary>
    internal void Element(string name, long value)
    {
        Start(name);
        Span<byte> room = _buffer.GetSpan(20);
        value.TryFormat(room, out int written, provider: CultureInfo.InvariantCulture);
        _buffer.Advance(written);
        End(name);
    }

    /// <summary>A boolean.</summary>
    internal void Element(string name, bool value) => Element(name, value ? "true" : "false");

    /// <summary>A time to the second, in the form of listings.</summary>
    internal void Element(string name, DateTime value) => Element(name, Timestamps.Iso(value));

    /// <summary>Quoted entity tag.</summary>
    internal void ETag(string etag)
    {
        Start("ETag");
        _buffer.Write("&quot;"u8);
        Raw(etag);
        _buffer.Write("&quot;"u8);
        End("ETag");
    }

    /// <summary>Well-formed XML made by us earlier.</summary>
    internal void RawXml(ReadOnlySpan<byte> xml) => _buffer.Write(xml);

    /// <summary>Closes the root and gives the document.</summary>
    internal ReadOnlyMemory<byte> Finish()
    {
        End(Root);
        return _buffer.WrittenMemory;
    }

    private void Raw(string text)
    {
        int written = Encoding.UTF8.GetBytes(text, _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));
        _buffer.Advance(written);
    }

    private void Text(string value)
    {
        int start = 0;
        for (int i = 0; i < value.Length; i++)
        {
            string? escape = value[i] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\r' => "&#13;",
                '\n' or '\t' => null,
                < ' ' => $"&#x{(int)value[i]:x};",
                '\ufffe' or '\uffff' => $"&#x{(int)value[i]:x};",
                _ => null,
            };
            if (escape is not null)
            {
                Run(value.AsSpan(start, i - start));
                Raw(escape);
                start = i + 1;
            }
        }

        Run(value.AsSpan(start));
    }

    private void Run(ReadOnlySpan<char> text)
    {
        if (!text.IsEmpty)
        {
            int written = Encoding.UTF8.GetBytes(text, _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));
            _buffer.Advance(written);
        }
    }
}

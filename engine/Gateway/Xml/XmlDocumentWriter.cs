using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Writes an XML answer as UTF-8 straight into a buffer. Knows no more of XML than S3 answers need.</summary>
/// <remarks>
/// Control characters that XML 1.0 cannot hold are written as numeric references, as S3 does; clients that mind ask for <c>encoding-type=url</c>.
/// Names given as UTF-8 are copied as they are: what a listing writes thousands of times.
/// </remarks>
internal sealed class XmlDocumentWriter
{
    /// <summary>Namespace of S3 documents.</summary>
    internal const string S3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. "&<>\"\r", .. ControlCharacters()]);

    // From the pool, as documents of listings are large and short-lived. Who sends the document gives it back.
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int _length;

    /// <summary>Starts with the declaration and the root element.</summary>
    internal XmlDocumentWriter(string root, bool withNamespace = true, string text = "")
    {
        RawXml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"u8);
        Raw(root);
        if (withNamespace)
        {
            RawXml(" xmlns=\""u8);
            Raw(S3Namespace);
            RawXml("\""u8);
        }

        RawXml(">"u8);
        Root = root;
        Text(text);
    }

    private string Root { get; }

    /// <summary>Opens an element.</summary>
    internal void Start(string name)
    {
        RawXml("<"u8);
        Raw(name);
        RawXml(">"u8);
    }

    /// <inheritdoc cref="Start(string)"/>
    internal void Start(ReadOnlySpan<byte> name) => Tag("<"u8, name);

    /// <summary>Opens an element with an <c>xsi:type</c>.</summary>
    internal void StartTyped(string name, string type)
    {
        RawXml("<"u8);
        Raw(name);
        RawXml(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\""u8);
        Raw(type);
        RawXml("\">"u8);
    }

    /// <summary>Closes it.</summary>
    internal void End(string name)
    {
        RawXml("</"u8);
        Raw(name);
        RawXml(">"u8);
    }

    /// <inheritdoc cref="End(string)"/>
    internal void End(ReadOnlySpan<byte> name) => Tag("</"u8, name);

    /// <summary>An element with text; an empty one for empty text.</summary>
    internal void Element(string name, string value)
    {
        Start(name);
        Text(value);
        End(name);
    }

    /// <inheritdoc cref="Element(string, string)"/>
    internal void Element(ReadOnlySpan<byte> name, string value)
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
        Number(value);
        End(name);
    }

    /// <inheritdoc cref="Element(string, long)"/>
    internal void Element(ReadOnlySpan<byte> name, long value)
    {
        Start(name);
        Number(value);
        End(name);
    }

    /// <summary>A boolean.</summary>
    internal void Element(string name, bool value) => Element(name, value ? "true" : "false");

    /// <inheritdoc cref="Element(string, bool)"/>
    internal void Element(ReadOnlySpan<byte> name, bool value)
    {
        Start(name);
        RawXml(value ? "true"u8 : "false"u8);
        End(name);
    }

    /// <summary>A time to the second, in the form of listings.</summary>
    internal void Element(string name, DateTime value)
    {
        Start(name);
        Time(value);
        End(name);
    }

    /// <inheritdoc cref="Element(string, DateTime)"/>
    internal void Element(ReadOnlySpan<byte> name, DateTime value)
    {
        Start(name);
        Time(value);
        End(name);
    }

    /// <summary>Quoted entity tag.</summary>
    internal void ETag(string etag)
    {
        RawXml("<ETag>&quot;"u8);
        Raw(etag);
        RawXml("&quot;</ETag>"u8);
    }

    /// <summary>Well-formed XML made by us earlier.</summary>
    internal void RawXml(ReadOnlySpan<byte> xml)
    {
        xml.CopyTo(Room(xml.Length));
        _length += xml.Length;
    }

    /// <summary>Closes the root and gives the document: the first bytes of an array that may go back to the shared pool once nobody reads it any more.
    /// Nothing can be written after.</summary>
    internal ArraySegment<byte> Finish()
    {
        End(Root);
        var document = new ArraySegment<byte>(_buffer, 0, _length);
        (_buffer, _length) = ([], 0);
        return document;
    }

    private static char[] ControlCharacters()
    {
        char[] all = new char[' ' - 2];
        int count = 0;
        for (char c = '\0'; c < ' '; c++)
        {
            if (c is not ('\n' or '\t'))
            {
                all[count++] = c;
            }
        }

        return all;
    }

    private Span<byte> Room(int size)
    {
        if (_buffer.Length - _length < size)
        {
            Invariant.Check(_buffer.Length > 0, "written to a finished document");
            byte[] larger = ArrayPool<byte>.Shared.Rent(int.Max(2 * _buffer.Length, _length + size));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }

    private void Tag(ReadOnlySpan<byte> open, ReadOnlySpan<byte> name)
    {
        Span<byte> room = Room(open.Length + name.Length + 1);
        open.CopyTo(room);
        name.CopyTo(room[open.Length..]);
        room[open.Length + name.Length] = (byte)'>';
        _length += open.Length + name.Length + 1;
    }

    private void Number(long value)
    {
        value.TryFormat(Room(20), out int written, provider: CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Time(DateTime value) => _length += Timestamps.WriteIso(value, Room(Timestamps.IsoSize));

    private void Raw(ReadOnlySpan<char> text) => _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    private void Text(string value)
    {
        if (!value.AsSpan().ContainsAny(Escaped))
        {
            int written = Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetMaxByteCount(value.Length)));
            bool isAscii = written == value.Length;
            if (isAscii || !value.AsSpan().ContainsAny('\ufffe', '\uffff'))
            {
                _length += written;
                return;
            }
        }

        EscapedText(value);
    }

    private void EscapedText(string value)
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
                Raw(value.AsSpan(start, i - start));
                Raw(escape);
                start = i + 1;
            }
        }

        Raw(value.AsSpan(start));
    }
}

using System;
using System.Buffers;
using System.Linq;
using System.Text;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Workloads.Benchmarks.Requests;

/// <summary>A page of a listing written, and the request of a batch delete read, each of a thousand keys. Time a document.</summary>
[MemoryDiagnoser]
public class XmlBenchmark
{
    private const int Keys = 1000;
    private static readonly DateTime Modified = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly string[] _keys = [.. Enumerable.Range(0, Keys).Select(static number => $"2026/01/photo-{number:d8}.jpg")];
    private readonly string[] _tags = [.. Enumerable.Range(0, Keys).Select(static number => $"{number:x32}")];
    private byte[] _deletes = [];

    [GlobalSetup]
    public void Setup() => _deletes = Encoding.UTF8.GetBytes(
        $"<Delete>{string.Concat(_keys.Select(static key => $"<Object><Key>{key}</Key></Object>"))}<Quiet>true</Quiet></Delete>");

    /// <summary>As ListObjectsV2 writes it.</summary>
    [Benchmark]
    public int WriteListing()
    {
        var xml = new XmlDocumentWriter("ListBucketResult");
        for (int i = 0; i < Keys; i++)
        {
            xml.Start("Contents"u8);
            xml.Element("Key"u8, _keys[i]);
            xml.Element("LastModified"u8, Modified);
            xml.ETag(_tags[i]);
            xml.Element("Size"u8, 4096L);
            xml.Element("StorageClass"u8, "STANDARD");
            xml.End("Contents"u8);
        }

        ArraySegment<byte> document = xml.Finish();
        ArrayPool<byte>.Shared.Return(document.Array!);
        return document.Count;
    }

    /// <summary>As DeleteObjects reads it.</summary>
    [Benchmark]
    public int ReadDelete() => XmlDocumentReader.Parse(_deletes, "Delete").Name.Length;
}

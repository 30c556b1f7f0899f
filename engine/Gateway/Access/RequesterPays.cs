using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Whether who asks a bucket pays for it. Nobody is billed here; but what nobody could be billed for is refused, as S3 does.</summary>
internal static class RequesterPays
{
    internal static bool IsOn(BucketRecord bucket) =>
        bucket.TryGetDocument(BucketDocuments.RequestPayment, out ReadOnlyMemory<byte> document)
        && XmlDocumentReader.Parse(document).TextOf("Payer") == "Requester";
}

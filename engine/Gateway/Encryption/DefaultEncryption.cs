using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>How a bucket encrypts objects whose request says nothing of it: its document of kind <see cref="BucketDocuments.Encryption"/>.</summary>
/// <param name="Algorithm"><c>AES256</c> or <c>aws:kms</c>; null for none, where the document only says what is blocked.</param>
/// <param name="KeyId">Key of the ring; null for the default one.</param>
/// <param name="BucketKey">Bucket key enabled.</param>
/// <param name="BlocksCustomerKeys">Writes with a key of the customer's (SSE-C) are refused.</param>
internal sealed record DefaultEncryption(string? Algorithm, string? KeyId, bool BucketKey, bool BlocksCustomerKeys)
{
    /// <summary>The bucket's default; null when it has none.</summary>
    internal static DefaultEncryption? Of(OperationContext context) =>
        context.TryGetDocument(BucketDocuments.Encryption, out ReadOnlyMemory<byte> document) ? context.Services.DefaultEncryptions.Get(document) : null;

    /// <summary>Reads a stored configuration.</summary>
    internal static DefaultEncryption Parse(ReadOnlyMemory<byte> document) =>
        Parse(XmlDocumentReader.Parse(document, "ServerSideEncryptionConfiguration"));

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument.</exception>
    internal static DefaultEncryption Parse(XmlDocumentElement document)
    {
        if (document.Children.Count != 1 || document["Rule"] is not XmlDocumentElement rule)
        {
            throw S3Exception.MalformedXml();
        }

        bool blocks = BlocksCustomers(rule["BlockedEncryptionTypes"]);
        if (rule["ApplyServerSideEncryptionByDefault"] is not { } byDefault)
        {
            return rule["BlockedEncryptionTypes"] is null
                ? throw S3Exception.MalformedXml()
                : new DefaultEncryption(null, null, BucketKey: false, blocks);
        }

        string algorithm = byDefault.Required("SSEAlgorithm");
        string? keyId = byDefault.TextOf("KMSMasterKeyID");
        if (!ObjectEncryption.IsKnown(algorithm))
        {
            throw S3Exception.MalformedXml();
        }

        if (algorithm == ObjectEncryption.DoubleKeyRingAlgorithm)
        {
            throw new S3Exception(S3Errors.NotImplemented, ("AdditionalMessage", algorithm));
        }

        if (algorithm == ObjectEncryption.StoreAlgorithm && keyId is not null)
        {
            throw S3Exception.InvalidArgument(
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse", "ApplyServerSideEncryptionByDefault", keyId);
        }

        return new DefaultEncryption(algorithm, keyId, rule.TextOf("BucketKeyEnabled") == "true", blocks);
    }

    private static bool BlocksCustomers(XmlDocumentElement? blocked)
    {
        bool blocks = false;
        foreach (XmlDocumentElement type in blocked?.Children ?? [])
        {
            string text = type.Name == "EncryptionType" ? type.Text.Trim() : "";
            blocks |= text == "SSE-C";
            if (text is not ("NONE" or "SSE-C"))
            {
                throw S3Exception.MalformedXml();
            }
        }

        return blocks;
    }
}

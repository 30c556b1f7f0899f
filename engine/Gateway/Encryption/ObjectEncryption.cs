using System;
using System.Text;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Server-side encryption of one object as a request has it: SSE-S3, SSE-KMS over the local key ring, SSE-C. Null stands for a plain object.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Protecting data with server-side encryption". SSE-C is taken over plain HTTP too, where S3 asks for TLS.</remarks>
internal sealed class ObjectEncryption
{
    /// <summary>Name of SSE-S3 in headers and documents.</summary>
    internal const string StoreAlgorithm = "AES256";

    /// <summary>Two layers of SSE-KMS, which this store does not have.</summary>
    internal const string DoubleKeyRingAlgorithm = "aws:kms:dsse";

    private const string Header = "x-amz-server-side-encryption";
    private const string KeyIdHeader = Header + "-aws-kms-key-id";
    private const string ContextHeader = Header + "-context";
    private const string BucketKeyHeader = Header + "-bucket-key-enabled";
    private const string KeyRingAlgorithm = "aws:kms";

    private readonly KeyEnvelope _envelope;
    private readonly byte[] _dataKey;
    private readonly string _customerKeyMd5;

    private ObjectEncryption(KeyEnvelope envelope, byte[] dataKey, string customerKeyMd5) =>
        (_envelope, _dataKey, _customerKeyMd5) = (envelope, dataKey, customerKeyMd5);

    /// <summary>For <see cref="ObjectRecord.Encryption"/>.</summary>
    internal ReadOnlyMemory<byte> Encoded => _envelope.Encode();

    /// <summary>A cipher over the object's content; the caller disposes it.</summary>
    internal ContentCipher NewCipher() => new((byte[])_dataKey.Clone());

    /// <summary>Whether documents and headers may name this algorithm.</summary>
    internal static bool IsKnown(string algorithm) => algorithm is StoreAlgorithm or KeyRingAlgorithm or DoubleKeyRingAlgorithm;

    /// <summary>Whether a request asks for encryption of what it writes.</summary>
    internal static bool IsAsked(RequestHeaders headers) => headers.Has(Header) || headers.Has(CustomerKey.Prefix + "algorithm");

    /// <summary>What a new object or upload gets: what the request asks for, else the bucket's default. A fresh data key each time.</summary>
    /// <exception cref="S3Exception">For each header that is not right.</exception>
    internal static ObjectEncryption? ForNewObject(OperationContext context)
    {
        RequestHeaders headers = context.Headers;
        string? algorithm = headers[Header];
        string? keyId = headers[KeyIdHeader];
        if (CustomerKey.Read(headers, CustomerKey.Prefix) is CustomerKey customer)
        {
            if (DefaultEncryption.Of(context) is { BlocksCustomerKeys: true })
            {
                throw new S3Exception(S3Errors.AccessDenied);
            }

            return algorithm is null
                ? Seal(context, EncryptionMethod.Customer, "", false, customer.Key, customer.Md5)
                : throw S3Exception.InvalidArgument(
                    "Server Side Encryption with Customer provided key is incompatible with the encryption method specified", Header, algorithm);
        }

        bool bucketKey = string.Equals(headers[BucketKeyHeader], "true", StringComparison.OrdinalIgnoreCase);
        if (algorithm is null)
        {
            if (keyId is not null || headers.Has(ContextHeader))
            {
                throw S3Exception.InvalidArgument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms", Header, null);
            }

            if (DefaultEncryption.Of(context) is not { Algorithm: not null } byDefault)
            {
                return null;
            }

            (algorithm, keyId, bucketKey) = (byDefault.Algorithm, byDefault.KeyId, bucketKey || byDefault.BucketKey);
        }

        return Seal(context, algorithm, keyId, bucketKey);
    }

    /// <summary>Opens a stored object's encryption for reading; null when it is plain.</summary>
    /// <param name="context">The request.</param>
    /// <param name="bucket">Name of the object's bucket.</param>
    /// <param name="stored">The object.</param>
    /// <param name="prefix">What the headers with the customer's key begin with.</param>
    /// <exception cref="S3Exception">InvalidRequest without the key or with a needless one, AccessDenied with a wrong one.</exception>
    internal static ObjectEncryption? ForRead(
        OperationContext context, string bucket, ObjectRecord stored, string prefix = CustomerKey.Prefix)
    {
        CustomerKey? customer = CustomerKey.Read(context.Headers, prefix);
        if (prefix == CustomerKey.Prefix && context.Headers[Header] is string misplaced)
        {
            throw S3Exception.InvalidArgument("x-amz-server-side-encryption header is not supported for this operation.", Header, misplaced);
        }

        KeyEnvelope? envelope = KeyEnvelope.Decode(stored.Encryption);
        bool needsKey = envelope?.Method == EncryptionMethod.Customer;
        if (customer is null && needsKey)
        {
            throw S3Exception.InvalidRequest(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.");
        }

        if (customer is not null && !needsKey)
        {
            throw S3Exception.InvalidRequest("The encryption parameters are not applicable to this object.");
        }

        if (envelope?.Method == EncryptionMethod.KeyRing && context.Caller is null)
        {
            throw S3Exception.InvalidArgument(
                "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.", "Authorization", null);
        }

        return envelope is null
            ? null
            : Open(context, envelope, Place(bucket, stored.Key), customer)
                ?? throw new S3Exception(
                    S3Errors.AccessDenied,
                    "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.");
    }

    /// <summary>The encryption that the parts of an upload share; null when they are plain.</summary>
    /// <exception cref="S3Exception">InvalidRequest when the part's key is not the one that the upload was started with.</exception>
    internal static ObjectEncryption? ForPart(OperationContext context, UploadRecord upload)
    {
        CustomerKey? customer = CustomerKey.Read(context.Headers, CustomerKey.Prefix);
        KeyEnvelope? envelope = KeyEnvelope.Decode(upload.Template.Encryption);
        bool needsKey = envelope?.Method == EncryptionMethod.Customer;
        if (customer is null && needsKey)
        {
            throw S3Exception.InvalidRequest(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.");
        }

        if (customer is not null && !needsKey)
        {
            throw S3Exception.InvalidRequest(
                "The multipart upload initiate did not request encryption. Please resend the request without sending encryption parameters.");
        }

        return envelope is null
            ? null
            : Open(context, envelope, Place(context.BucketName, context.Key), customer)
                ?? throw S3Exception.InvalidRequest("The provided encryption parameters did not match the ones used originally.");
    }

    /// <summary>Adds the headers that tell of the encryption.</summary>
    internal void Describe(S3Response response)
    {
        if (_envelope.Method == EncryptionMethod.Customer)
        {
            response.SetHeader(CustomerKey.Prefix + "algorithm", StoreAlgorithm);
            response.SetHeader(CustomerKey.Prefix + "key-MD5", _customerKeyMd5);
        }
        else
        {
            Describe(response, _envelope);
        }
    }

    /// <summary>Adds the headers that tell of a stored object's encryption, where no key is at hand.</summary>
    internal static void Describe(S3Response response, ObjectRecord stored)
    {
        if (KeyEnvelope.Decode(stored.Encryption) is { Method: not EncryptionMethod.Customer } envelope)
        {
            Describe(response, envelope);
        }
    }

    private static void Describe(S3Response response, KeyEnvelope envelope)
    {
        if (envelope.Method == EncryptionMethod.Store)
        {
            response.SetHeader(Header, StoreAlgorithm);
            return;
        }

        response.SetHeader(Header, KeyRingAlgorithm);
        response.SetHeader(KeyIdHeader, envelope.KeyId);
        if (envelope.BucketKey)
        {
            response.SetHeader(BucketKeyHeader, "true");
        }
    }

    private static ObjectEncryption Seal(OperationContext context, string algorithm, string? keyId, bool bucketKey)
    {
        if (!IsKnown(algorithm))
        {
            throw S3Exception.InvalidArgument("The encryption method specified is not supported", Header, algorithm);
        }

        if (algorithm == DoubleKeyRingAlgorithm || !context.Services.Keys.IsOpen)
        {
            // Nobody is told that data is encrypted in a way in which it is not.
            throw new S3Exception(S3Errors.NotImplemented, ("Header", Header), ("AdditionalMessage", algorithm));
        }

        if (algorithm == StoreAlgorithm)
        {
            return keyId is null
                ? Seal(context, EncryptionMethod.Store, "", false, context.Services.Keys.Find(EncryptionMethod.Store, ""), "")
                : throw S3Exception.InvalidArgument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms", Header, algorithm);
        }

        keyId = string.IsNullOrEmpty(keyId) ? KeyRing.DefaultKeyId : keyId;
        if (Encoding.UTF8.GetByteCount(keyId) > KeyEnvelope.KeyIdBytesMax)
        {
            throw S3Exception.InvalidArgument("The key id is too long.", KeyIdHeader, keyId);
        }

        return Seal(context, EncryptionMethod.KeyRing, keyId, bucketKey, context.Services.Keys.Find(EncryptionMethod.KeyRing, keyId), "");
    }

    private static ObjectEncryption Seal(
        OperationContext context, EncryptionMethod method, string keyId, bool bucketKey, byte[] wrappingKey, string customerKeyMd5)
    {
        IEntropy entropy = context.Services.Entropy;
        byte[] dataKey = new byte[KeyEnvelope.KeyBytes];
        entropy.Fill(dataKey);
        var envelope = KeyEnvelope.Seal(method, keyId, bucketKey, wrappingKey, dataKey, Place(context.BucketName, context.Key), entropy);
        return new ObjectEncryption(envelope, dataKey, customerKeyMd5);
    }

    // Null only for a customer's key: when the ring's own key does not fit, the master key was exchanged, which no client can help.
    private static ObjectEncryption? Open(OperationContext context, KeyEnvelope envelope, string place, CustomerKey? customer)
    {
        if (customer is null && !context.Services.Keys.IsOpen)
        {
            throw new S3Exception(S3Errors.InternalError, "This object is encrypted and the server was started without its master key.");
        }

        byte[] wrappingKey = customer?.Key ?? context.Services.Keys.Find(envelope.Method, envelope.KeyId);
        byte[]? dataKey = envelope.Open(wrappingKey, place);
        if (dataKey is null && customer is null)
        {
            throw new S3Exception(S3Errors.InternalError, "This object was encrypted under another master key.");
        }

        return dataKey is null ? null : new ObjectEncryption(envelope, dataKey, customer?.Md5 ?? "");
    }

    private static string Place(string bucket, string key) => $"{bucket}/{key}";
}

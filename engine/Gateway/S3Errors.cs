using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>The one table of S3 errors, and the one map from engine errors to them. Source: Amazon S3 API Reference, "Error responses".</summary>
/// <remarks>A full disk answers 503 SlowDown: nothing was written, and SDKs try it again with back-off, which is right once space was reclaimed.
/// A failed or closed store answers 500 InternalError: whether a write happened is unknown.</remarks>
internal static class S3Errors
{
    internal static readonly S3Error AccessControlListNotSupported = new("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
    internal static readonly S3Error AccessDenied = new("AccessDenied", 403, "Access Denied");
    internal static readonly S3Error AccessForbidden = new("AccessForbidden", 403, "CORSResponse: CORS is not enabled for this bucket.");
    internal static readonly S3Error AuthorizationHeaderMalformed = new(
        "AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid.");
    internal static readonly S3Error AuthorizationQueryParametersError = new(
        "AuthorizationQueryParametersError", 400, "Query-string authentication parameters are not valid.");
    internal static readonly S3Error BadDigest = new("BadDigest", 400, "The Content-MD5 you specified did not match what we received.");
    internal static readonly S3Error BadRequest = new("BadRequest", 400, "Bad Request");
    internal static readonly S3Error BucketAlreadyExists = new(
        "BucketAlreadyExists", 409,
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.");
    internal static readonly S3Error BucketAlreadyOwnedByYou = new(
        "BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket succeeded and you already own it.");
    internal static readonly S3Error BucketNotEmpty = new("BucketNotEmpty", 409, "The bucket you tried to delete is not empty");
    internal static readonly S3Error ConditionalRequestConflict = new(
        "ConditionalRequestConflict", 409, "The conditional request cannot succeed due to a conflicting operation against this resource.");
    internal static readonly S3Error EntityTooLarge = new("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size");
    internal static readonly S3Error EntityTooSmall = new(
        "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size");
    internal static readonly S3Error ExpiredToken = new("ExpiredToken", 400, "The provided token has expired.");
    internal static readonly S3Error IllegalLocationConstraint = new(
        "IllegalLocationConstraintException", 400, "The specified location constraint is incompatible for the region specific endpoint this request was sent to.");
    internal static readonly S3Error IllegalVersioningConfiguration = new(
        "IllegalVersioningConfigurationException", 400, "The versioning configuration specified in the request is not valid.");
    internal static readonly S3Error IncompleteBody = new(
        "IncompleteBody", 400, "The request body terminated unexpectedly");
    internal static readonly S3Error InternalError = new("InternalError", 500, "We encountered an internal error. Please try again.");
    internal static readonly S3Error InvalidAccessKeyId = new(
        "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.");
    internal static readonly S3Error InvalidArgument = new("InvalidArgument", 400, "Invalid Argument");
    internal static readonly S3Error InvalidBucketAclWithObjectOwnership = new(
        "InvalidBucketAclWithObjectOwnership", 400, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
    internal static readonly S3Error InvalidBucketName = new("InvalidBucketName", 400, "The specified bucket is not valid.");
    internal static readonly S3Error InvalidBucketState = new(
        "InvalidBucketState", 409, "The request is not valid with the current state of the bucket.");
    internal static readonly S3Error InvalidEncryptionAlgorithm = new(
        "InvalidEncryptionAlgorithmError", 400, "The encryption request that you specified is not valid. The valid value is AES256.");
    internal static readonly S3Error InvalidConfigurationId = new("InvalidConfigurationId", 400, "The specified configuration id is invalid: 1 to 64 letters, digits, periods, dashes and underscores.");
    internal static readonly S3Error InvalidDigest = new("InvalidDigest", 400, "The Content-MD5 you specified was invalid.");
    internal static readonly S3Error InvalidLocationConstraint = new(
        "InvalidLocationConstraint", 400, "The specified location-constraint is not valid");
    internal static readonly S3Error InvalidObjectState = new("InvalidObjectState", 403, "The operation is not valid for the object's storage class");
    internal static readonly S3Error InvalidPart = new(
        "InvalidPart", 400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.");
    internal static readonly S3Error InvalidPartNumber = new("InvalidPartNumber", 416, "The requested partnumber is not satisfiable");
    internal static readonly S3Error InvalidPartOrder = new(
        "InvalidPartOrder", 400, "The list of parts was not in ascending order. Parts must be ordered by part number.");
    internal static readonly S3Error InvalidPolicyDocument = new("InvalidPolicyDocument", 400, "The content of the form does not meet the conditions specified in the policy document.");
    internal static readonly S3Error InvalidRange = new("InvalidRange", 416, "The requested range is not satisfiable");
    internal static readonly S3Error InvalidRedirectLocation = new(
        "InvalidRedirectLocation", 400, "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
    internal static readonly S3Error InvalidRequest = new("InvalidRequest", 400, "Invalid Request");
    internal static readonly S3Error InvalidStorageClass = new("InvalidStorageClass", 400, "The storage class you specified is not valid");
    internal static readonly S3Error InvalidTag = new("InvalidTag", 400, "The tag provided was not a valid tag.");
    internal static readonly S3Error InvalidTargetBucketForLogging = new(
        "InvalidTargetBucketForLogging", 400, "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.");
    internal static readonly S3Error InvalidToken = new("InvalidToken", 400, "The provided token is malformed or otherwise not valid.");
    internal static readonly S3Error InvalidUri = new("InvalidURI", 400, "Couldn't parse the specified URI.");
    internal static readonly S3Error KeyTooLong = new("KeyTooLongError", 400, "Your key is too long");
    internal static readonly S3Error MalformedAcl = new(
        "MalformedACLError", 400, "The XML you provided was not well-formed or did not validate against our published schema");
    internal static readonly S3Error MalformedPolicy = new("MalformedPolicy", 400, "Policies must be valid JSON and the first byte must be '{'");
    internal static readonly S3Error MalformedPostRequest = new(
        "MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.");
    internal static readonly S3Error MalformedXml = new(
        "MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published schema");
    internal static readonly S3Error MaxMessageLengthExceeded = new("MaxMessageLengthExceeded", 400, "Your request was too big.");
    internal static readonly S3Error MetadataTooLarge = new(
        "MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size");
    internal static readonly S3Error MethodNotAllowed = new(
        "MethodNotAllowed", 405, "The specified method is not allowed against this resource.");
    internal static readonly S3Error MissingContentLength = new("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
    internal static readonly S3Error MissingRequestBody = new("MissingRequestBodyError", 400, "Request Body is empty");
    internal static readonly S3Error MissingSecurityHeader = new("MissingSecurityHeader", 400, "Your request was missing a required header");
    internal static readonly S3Error NoSuchBucket = new("NoSuchBucket", 404, "The specified bucket does not exist");
    internal static readonly S3Error NoSuchBucketPolicy = new("NoSuchBucketPolicy", 404, "The bucket policy does not exist");
    internal static readonly S3Error NoSuchConfiguration = new("NoSuchConfiguration", 404, "The specified configuration does not exist.");
    internal static readonly S3Error NoSuchCorsConfiguration = new("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist");
    internal static readonly S3Error NoSuchKey = new("NoSuchKey", 404, "The specified key does not exist.");
    internal static readonly S3Error NoSuchLifecycleConfiguration = new(
        "NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist");
    internal static readonly S3Error NoSuchObjectLockConfiguration = new(
        "NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration");
    internal static readonly S3Error NoSuchPublicAccessBlockConfiguration = new(
        "NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found");
    internal static readonly S3Error NoSuchTagSet = new("NoSuchTagSet", 404, "The TagSet does not exist");
    internal static readonly S3Error NoSuchUpload = new(
        "NoSuchUpload", 404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.");
    internal static readonly S3Error NoSuchVersion = new("NoSuchVersion", 404, "The specified version does not exist.");
    internal static readonly S3Error NoSuchWebsiteConfiguration = new(
        "NoSuchWebsiteConfiguration", 404, "The specified bucket does not have a website configuration");
    internal static readonly S3Error NotImplemented = new(
        "NotImplemented", 501, "A header you provided implies functionality that is not implemented");
    internal static readonly S3Error NotModified = new("NotModified", 304, "Not Modified");
    internal static readonly S3Error OperationAborted = new(
        "OperationAborted", 409, "A conflicting conditional operation is currently in progress against this resource. Try again.");
    internal static readonly S3Error ObjectLockConfigurationNotFound = new(
        "ObjectLockConfigurationNotFoundError", 404, "Object Lock configuration does not exist for this bucket");
    internal static readonly S3Error OwnershipControlsNotFound = new(
        "OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found");
    internal static readonly S3Error PreconditionFailed = new(
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold");
    internal static readonly S3Error ReplicationConfigurationNotFound = new(
        "ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found");
    internal static readonly S3Error RequestTimeout = new(
        "RequestTimeout", 400, "Your socket connection to the server was not read from or written to within the timeout period.");
    internal static readonly S3Error RequestTimeTooSkewed = new(
        "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.");
    internal static readonly S3Error ServerSideEncryptionConfigurationNotFound = new(
        "ServerSideEncryptionConfigurationNotFoundError", 404, "The server side encryption configuration was not found");
    internal static readonly S3Error SignatureDoesNotMatch = new(
        "SignatureDoesNotMatch", 403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.");
    internal static readonly S3Error SlowDown = new("SlowDown", 503, "Please reduce your request rate.");
    internal static readonly S3Error TooManyBuckets = new(
        "TooManyBuckets", 400, "You have attempted to create more buckets than allowed");
    internal static readonly S3Error TooManyConfigurations = new("TooManyConfigurations", 400, "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.");
    internal static readonly S3Error UnexpectedContent = new("UnexpectedContent", 400, "This request does not support content");
    internal static readonly S3Error UnresolvableGrantByEmail = new(
        "UnresolvableGrantByEmailAddress", 400, "The e-mail address you provided does not match any account on record.");
    internal static readonly S3Error XAmzContentChecksumMismatch = new(
        "XAmzContentChecksumMismatch", 400, "The checksum you provided did not match what we received.");
    internal static readonly S3Error XAmzContentSha256Mismatch = new(
        "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.");

    /// <summary>The S3 error for a refused command or query.</summary>
    internal static S3Error From(MetadataError error) => error switch
    {
        MetadataError.NoSuchBucket => NoSuchBucket,
        MetadataError.BucketOwnedByOther => BucketAlreadyExists,
        MetadataError.BucketOwnedByYou => BucketAlreadyOwnedByYou,
        MetadataError.BucketNotEmpty => BucketNotEmpty,
        MetadataError.TooManyBuckets => TooManyBuckets,
        MetadataError.NoSuchKey => NoSuchKey,
        MetadataError.NoSuchVersion => NoSuchVersion,
        MetadataError.IsDeleteMarker => MethodNotAllowed,
        MetadataError.NoSuchUpload => NoSuchUpload,
        MetadataError.InvalidPart => InvalidPart,
        MetadataError.InvalidPartOrder => InvalidPartOrder,
        MetadataError.EntityTooSmall => EntityTooSmall,
        MetadataError.EntityTooLarge => EntityTooLarge,
        MetadataError.PreconditionFailed => PreconditionFailed,
        MetadataError.PreconditionNoSuchKey => NoSuchKey,
        MetadataError.UploadMismatch => InvalidRequest,
        MetadataError.NoSuchConfiguration => NoSuchConfiguration,
        MetadataError.ObjectLocked => AccessDenied,
        MetadataError.InvalidBucketState => InvalidBucketState,
        MetadataError.ChecksumMismatch => BadDigest,
        _ => InternalError,
    };

    /// <summary>The S3 error for a disk fault.</summary>
    internal static S3Error From(StorageError error) => error switch
    {
        StorageError.Full or StorageError.Unavailable => SlowDown,
        _ => InternalError,
    };
}

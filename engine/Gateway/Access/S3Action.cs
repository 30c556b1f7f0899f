namespace ObjectStore.Engine.Gateway;

/// <summary>Which ACL can allow an action.</summary>
internal enum AclSource
{
    /// <summary>None: only the bucket's owner and policies.</summary>
    None = 0,

    /// <summary>The bucket's.</summary>
    Bucket,

    /// <summary>The object's.</summary>
    Object,
}

/// <summary>A permission as policies name it, and how ACLs cover it. Source: Amazon S3 User Guide, "Mapping of ACL permissions and access policy permissions".</summary>
/// <param name="Name">With the <c>s3:</c> prefix.</param>
/// <param name="Acl">Which ACL counts.</param>
/// <param name="Permission">What it must grant.</param>
internal sealed record S3Action(string Name, AclSource Acl = AclSource.None, AclPermission Permission = AclPermission.FullControl)
{
    internal static readonly S3Action AbortMultipartUpload = new("s3:AbortMultipartUpload", AclSource.Bucket, AclPermission.Write);
    internal static readonly S3Action BypassGovernanceRetention = new("s3:BypassGovernanceRetention");
    internal static readonly S3Action CreateBucket = new("s3:CreateBucket");
    internal static readonly S3Action DeleteBucket = new("s3:DeleteBucket");
    internal static readonly S3Action DeleteBucketPolicy = new("s3:DeleteBucketPolicy");
    internal static readonly S3Action DeleteObject = new("s3:DeleteObject", AclSource.Bucket, AclPermission.Write);
    internal static readonly S3Action DeleteObjectTagging = new("s3:DeleteObjectTagging");
    internal static readonly S3Action DeleteObjectVersion = new("s3:DeleteObjectVersion");
    internal static readonly S3Action DeleteObjectVersionTagging = new("s3:DeleteObjectVersionTagging");
    internal static readonly S3Action GetBucketAcl = new("s3:GetBucketAcl", AclSource.Bucket, AclPermission.ReadAcp);
    internal static readonly S3Action GetBucketLocation = new("s3:GetBucketLocation");
    internal static readonly S3Action GetBucketPolicy = new("s3:GetBucketPolicy");
    internal static readonly S3Action GetBucketPolicyStatus = new("s3:GetBucketPolicyStatus");
    internal static readonly S3Action GetBucketVersioning = new("s3:GetBucketVersioning");
    internal static readonly S3Action GetObject = new("s3:GetObject", AclSource.Object, AclPermission.Read);
    internal static readonly S3Action GetObjectAcl = new("s3:GetObjectAcl", AclSource.Object, AclPermission.ReadAcp);
    internal static readonly S3Action GetObjectAttributes = new("s3:GetObjectAttributes", AclSource.Object, AclPermission.Read);
    internal static readonly S3Action GetObjectLegalHold = new("s3:GetObjectLegalHold");
    internal static readonly S3Action GetObjectRetention = new("s3:GetObjectRetention");
    internal static readonly S3Action GetObjectTagging = new("s3:GetObjectTagging");
    internal static readonly S3Action GetObjectVersion = new("s3:GetObjectVersion", AclSource.Object, AclPermission.Read);
    internal static readonly S3Action GetObjectVersionAcl = new("s3:GetObjectVersionAcl", AclSource.Object, AclPermission.ReadAcp);
    internal static readonly S3Action GetObjectVersionAttributes = new("s3:GetObjectVersionAttributes", AclSource.Object, AclPermission.Read);
    internal static readonly S3Action GetObjectVersionTagging = new("s3:GetObjectVersionTagging");
    internal static readonly S3Action ListAllMyBuckets = new("s3:ListAllMyBuckets");
    internal static readonly S3Action ListBucket = new("s3:ListBucket", AclSource.Bucket, AclPermission.Read);
    internal static readonly S3Action ListBucketMultipartUploads = new("s3:ListBucketMultipartUploads", AclSource.Bucket, AclPermission.Read);
    internal static readonly S3Action ListBucketVersions = new("s3:ListBucketVersions", AclSource.Bucket, AclPermission.Read);
    internal static readonly S3Action ListMultipartUploadParts = new("s3:ListMultipartUploadParts", AclSource.Bucket, AclPermission.Write);
    internal static readonly S3Action PutBucketAcl = new("s3:PutBucketAcl", AclSource.Bucket, AclPermission.WriteAcp);
    internal static readonly S3Action PutBucketPolicy = new("s3:PutBucketPolicy");
    internal static readonly S3Action PutBucketVersioning = new("s3:PutBucketVersioning");
    internal static readonly S3Action PutObject = new("s3:PutObject", AclSource.Bucket, AclPermission.Write);
    internal static readonly S3Action PutObjectAcl = new("s3:PutObjectAcl", AclSource.Object, AclPermission.WriteAcp);
    internal static readonly S3Action PutObjectLegalHold = new("s3:PutObjectLegalHold");
    internal static readonly S3Action PutObjectRetention = new("s3:PutObjectRetention");
    internal static readonly S3Action PutObjectTagging = new("s3:PutObjectTagging");
    internal static readonly S3Action PutObjectVersionAcl = new("s3:PutObjectVersionAcl", AclSource.Object, AclPermission.WriteAcp);
    internal static readonly S3Action PutObjectVersionTagging = new("s3:PutObjectVersionTagging");
    internal static readonly S3Action RestoreObject = new("s3:RestoreObject");

    /// <summary>Actions that an explicit deny never takes from the bucket's owner, so that nobody locks themself out.</summary>
    internal bool ManagesPolicy => this == PutBucketPolicy || this == GetBucketPolicy || this == DeleteBucketPolicy;
}

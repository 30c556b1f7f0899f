namespace ObjectStore.Engine.Metadata;

/// <summary>What happened to an object, of what notifications can tell. The numbers are in rows and commands, and never used again for something else.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Event notification types and destinations".</remarks>
public enum EventKind : byte
{
    /// <summary>Written by PUT.</summary>
    CreatedByPut = 1,

    /// <summary>Written by the form of a browser.</summary>
    CreatedByPost = 2,

    /// <summary>Copied here.</summary>
    CreatedByCopy = 3,

    /// <summary>Put together of parts.</summary>
    CreatedByCompletion = 4,

    /// <summary>A version, or the object of a bucket without versioning, was deleted for good.</summary>
    RemovedForGood = 5,

    /// <summary>A delete marker was put on top.</summary>
    RemovedByMarker = 6,

    /// <summary>Tags were set.</summary>
    TagsPut = 7,

    /// <summary>Tags were deleted.</summary>
    TagsDeleted = 8,

    /// <summary>The ACL is another one.</summary>
    AclPut = 9,

    /// <summary>A restore from an archive class was asked for.</summary>
    RestoreAsked = 10,

    /// <summary>The object can be read again.</summary>
    RestoreCompleted = 11,

    /// <summary>A lifecycle rule deleted a version, or the object of a bucket without versioning, for good.</summary>
    ExpiredForGood = 12,

    /// <summary>A lifecycle rule put a delete marker on top.</summary>
    ExpiredByMarker = 13,

    /// <summary>A lifecycle rule moved a version to another storage class.</summary>
    Transitioned = 14,
}

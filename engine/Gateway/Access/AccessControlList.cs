using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a grant allows.</summary>
internal enum AclPermission
{
    /// <summary>List a bucket; read an object.</summary>
    Read = 0,

    /// <summary>Put and delete objects of a bucket.</summary>
    Write,

    /// <summary>Read the ACL.</summary>
    ReadAcp,

    /// <summary>Write the ACL.</summary>
    WriteAcp,

    /// <summary>All of them.</summary>
    FullControl,
}

/// <summary>Whom a grant is for.</summary>
internal enum GranteeKind
{
    /// <summary>A canonical id.</summary>
    User = 0,

    /// <summary>A predefined group, by its URI.</summary>
    Group,
}

/// <summary>One grant.</summary>
internal readonly record struct AclGrant(GranteeKind Kind, string Grantee, AclPermission Permission)
{
    /// <summary>Whether it is for at least this.</summary>
    internal bool Covers(AclPermission permission) => Permission == permission || Permission == AclPermission.FullControl;
}

/// <summary>An access control list: an owner and grants, nothing implied. Source: Amazon S3 User Guide, "Access control list (ACL) overview".</summary>
internal sealed record AccessControlList(string OwnerId, IReadOnlyList<AclGrant> Grants)
{
    internal const string AllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
    internal const string AuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
    internal const string LogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

    /// <summary>Canonical id of the anonymous user: owner of objects that nobody in particular put.</summary>
    internal const string AnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";

    /// <summary>Most grants in one list.</summary>
    internal const int GrantsMax = 100;

    private const byte Version = 1;

    /// <summary>Full control for the owner, nothing for others.</summary>
    internal static AccessControlList Private(string ownerId) =>
        new(ownerId, [new AclGrant(GranteeKind.User, ownerId, AclPermission.FullControl)]);

    /// <summary>A canned ACL by name, or null when there is none of that name.</summary>
    internal static AccessControlList? Canned(string name, string ownerId, string bucketOwnerId)
    {
        List<AclGrant> grants = [new AclGrant(GranteeKind.User, ownerId, AclPermission.FullControl)];
        switch (name)
        {
            case "private":
                break;
            case "public-read":
                grants.Add(new AclGrant(GranteeKind.Group, AllUsers, AclPermission.Read));
                break;
            case "public-read-write":
                grants.Add(new AclGrant(GranteeKind.Group, AllUsers, AclPermission.Read));
                grants.Add(new AclGrant(GranteeKind.Group, AllUsers, AclPermission.Write));
                break;
            case "authenticated-read":
                grants.Add(new AclGrant(GranteeKind.Group, AuthenticatedUsers, AclPermission.Read));
                break;
            case "log-delivery-write":
                grants.Add(new AclGrant(GranteeKind.Group, LogDelivery, AclPermission.Write));
                grants.Add(new AclGrant(GranteeKind.Group, LogDelivery, AclPermission.ReadAcp));
                break;
            case "bucket-owner-read":
                if (ownerId != bucketOwnerId)
                {
                    grants.Add(new AclGrant(GranteeKind.User, bucketOwnerId, AclPermission.Read));
                }

                break;
            case "bucket-owner-full-control":
                if (ownerId != bucketOwnerId)
                {
                    grants.Add(new AclGrant(GranteeKind.User, bucketOwnerId, AclPermission.FullControl));
                }

                break;
            case "aws-exec-read":
                break;
            default:
                return null;
        }

        return new AccessControlList(ownerId, grants);
    }

    /// <summary>Reads the stored form; empty is private to the owner.</summary>
    internal static AccessControlList Decode(ReadOnlyMemory<byte> stored, string ownerId)
    {
        if (stored.IsEmpty)
        {
            return Private(ownerId);
        }

        var reader = new ByteReader(stored.Span);
        Invariant.Check(reader.Byte() == Version, "access control list of an unknown version");
        string owner = reader.Text();
        var grants = new AclGrant[reader.Count()];
        for (int i = 0; i < grants.Length; i++)
        {
            grants[i] = new AclGrant((GranteeKind)reader.Byte(), reader.Text(), (AclPermission)reader.Byte());
        }

        reader.End();
        return new AccessControlList(owner, grants);
    }

    /// <summary>The stored form: version, owner, count, then kind, grantee and permission of each grant.</summary>
    internal byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Byte(Version);
        writer.Text(OwnerId);
        writer.VarUInt((ulong)Grants.Count);
        foreach (AclGrant grant in Grants)
        {
            writer.Byte((byte)grant.Kind);
            writer.Text(grant.Grantee);
            writer.Byte((byte)grant.Permission);
        }

        return writer.ToArray();
    }

    /// <summary>Whether the list allows somebody (null: the anonymous user) something.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="permission">What.</param>
    /// <param name="ignorePublic">Public grants count for nothing (public access block).</param>
    internal bool Allows(Identity? caller, AclPermission permission, bool ignorePublic)
    {
        foreach (AclGrant grant in Grants)
        {
            bool names = grant.Kind == GranteeKind.User
                ? caller is not null && grant.Grantee == caller.CanonicalId
                : !ignorePublic && (grant.Grantee == AllUsers || (grant.Grantee == AuthenticatedUsers && caller is not null));
            if (grant.Covers(permission) && names)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether another list of the same owner grants the same, in whatever order.</summary>
    internal bool SaysTheSameAs(AccessControlList other) => OwnerId == other.OwnerId && Grants.ToHashSet().SetEquals(other.Grants);

    /// <summary>Whether anybody but the owner is granted something.</summary>
    internal bool GivesToOthers() => Grants.Any(grant => grant.Kind == GranteeKind.Group || grant.Grantee != OwnerId);

    /// <summary>Whether a predefined group is granted something.</summary>
    internal bool AllowsGroup(string uri, AclPermission permission) =>
        Grants.Any(grant => grant.Kind == GranteeKind.Group && grant.Grantee == uri && grant.Covers(permission));

    /// <summary>Whether anybody at all, or anybody with an account, is granted something.</summary>
    internal bool IsPublic() => Grants.Any(static grant => grant.Kind == GranteeKind.Group && grant.Grantee is AllUsers or AuthenticatedUsers);
}

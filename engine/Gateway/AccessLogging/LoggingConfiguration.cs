using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Engine.Gateway;

/// <summary>Where the access logs of a bucket go: its document of kind <see cref="BucketDocuments.Logging"/>.</summary>
/// <remarks>Source: Amazon S3 API Reference, BucketLoggingStatus, LoggingEnabled, TargetGrant and TargetObjectKeyFormat.</remarks>
/// <param name="TargetBucket">Name of the bucket that they are delivered to; empty: nowhere.</param>
/// <param name="Prefix">What their keys begin with.</param>
/// <param name="KeyFormat">How their keys go on.</param>
/// <param name="Grants">Who may read them besides their owner.</param>
internal sealed record LoggingConfiguration(string TargetBucket, string Prefix, LogKeyFormat KeyFormat, IReadOnlyList<AclGrant> Grants)
{
    internal const string RootElement = "BucketLoggingStatus";

    /// <summary>One grant of the list is the owner's.</summary>
    private const int GrantsMax = AccessControlList.GrantsMax - 1;

    private static readonly LoggingConfiguration None = new("", "", LogKeyFormat.Simple, []);

    /// <summary>Whether anything is logged.</summary>
    internal bool IsEnabled => TargetBucket.Length > 0;

    /// <summary>Reads a document as it is kept. One that was kept by an earlier program and would be refused today has no effect.</summary>
    internal static LoggingConfiguration Parse(ReadOnlyMemory<byte> document) =>
        XmlDocumentReader.ReadKept(document, RootElement, Read, None);

    /// <summary>Reads a document; a root without children switches logging off.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static LoggingConfiguration Read(XmlDocumentElement root)
    {
        root.Only("LoggingEnabled");
        if (root.Single("LoggingEnabled") is not { } enabled)
        {
            return None;
        }

        enabled.Only("TargetBucket", "TargetPrefix", "TargetGrants", "TargetObjectKeyFormat");
        string bucket = enabled.RequiredSingleText("TargetBucket");
        return new LoggingConfiguration(
            bucket.Length > 0 ? bucket : throw S3Exception.MalformedXml(),
            enabled.RequiredSingle("TargetPrefix").LeafText(),
            ReadKeyFormat(enabled.Single("TargetObjectKeyFormat")),
            ReadGrants(enabled));
    }

    /// <summary>Grants as elements; none when there are none.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static List<XmlDocumentElement> GrantsOf(XmlDocumentElement enabled)
    {
        if (enabled.Single("TargetGrants") is not { } list)
        {
            return [];
        }

        list.Only("Grant");
        return list.Children.Count <= GrantsMax ? list.Children : throw S3Exception.MalformedXml();
    }

    /// <summary>Whether both say the same.</summary>
    internal bool IsSame(LoggingConfiguration other) =>
        ReferenceEquals(this, other)
        || (TargetBucket == other.TargetBucket && Prefix == other.Prefix && KeyFormat == other.KeyFormat && Grants.SequenceEqual(other.Grants));

    private static LogKeyFormat ReadKeyFormat(XmlDocumentElement? format)
    {
        if (format is null)
        {
            return LogKeyFormat.Simple;
        }

        format.Only("SimplePrefix", "PartitionedPrefix");
        if (format.Children.Count != 1)
        {
            throw S3Exception.MalformedXml();
        }

        XmlDocumentElement chosen = format.Children[0];
        if (chosen.Name == "SimplePrefix")
        {
            chosen.Only();
            return LogKeyFormat.Simple;
        }

        chosen.Only("PartitionDateSource");
        return chosen.SingleText("PartitionDateSource") switch
        {
            null or "EventTime" => LogKeyFormat.PartitionedByEvent,
            "DeliveryTime" => LogKeyFormat.PartitionedByDelivery,
            _ => throw S3Exception.MalformedXml(),
        };
    }

    private static List<AclGrant> ReadGrants(XmlDocumentElement enabled)
    {
        List<AclGrant> grants = [];
        foreach (XmlDocumentElement grant in GrantsOf(enabled))
        {
            grant.Only("Grantee", "Permission");
            AclPermission permission = grant.RequiredSingleText("Permission") switch
            {
                "FULL_CONTROL" => AclPermission.FullControl,
                "READ" => AclPermission.Read,
                "WRITE" => AclPermission.Write,
                _ => throw S3Exception.MalformedXml(),
            };
            XmlDocumentElement grantee = grant.RequiredSingle("Grantee");
            grantee.Only("ID", "DisplayName", "EmailAddress", "URI");
            if (grantee.TextOf("ID") is { Length: > 0 } id)
            {
                grants.Add(new AclGrant(GranteeKind.User, id, permission));
            }
            else if (grantee.TextOf("URI") is { Length: > 0 } uri)
            {
                grants.Add(new AclGrant(GranteeKind.Group, uri, permission));
            }
            else if (string.IsNullOrEmpty(grantee.TextOf("EmailAddress")))
            {
                // An address is exchanged for an id before the document is kept.
                throw S3Exception.MalformedXml();
            }
        }

        return grants;
    }
}

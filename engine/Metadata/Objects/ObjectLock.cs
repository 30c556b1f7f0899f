using System;

namespace ObjectStore.Engine.Metadata;

/// <summary>Retention and legal hold.</summary>
/// <remarks>Source: Amazon S3 user guide, "Locking objects with Object Lock".</remarks>
internal static class ObjectLock
{
    internal const string Governance = "GOVERNANCE";

    /// <summary>Whether a version may be removed at the command's time.</summary>
    internal static bool AllowsDelete(ObjectRecord record, DateTime nowUtc, bool bypassGovernance) =>
        record.LegalHold != true && (!IsRetained(record, nowUtc) || (record.RetentionMode == Governance && bypassGovernance));

    /// <summary>Whether retention may be changed so: a running one may always be prolonged; shortened or changed in mode only under governance, with a bypass.</summary>
    internal static bool AllowsRetention(ObjectRecord record, string mode, DateTime? untilUtc, DateTime nowUtc, bool bypassGovernance)
    {
        bool prolongs = mode == record.RetentionMode && untilUtc >= record.RetainUntilUtc;
        return !IsRetained(record, nowUtc) || prolongs || (record.RetentionMode == Governance && bypassGovernance);
    }

    private static bool IsRetained(ObjectRecord record, DateTime nowUtc) => record.RetentionMode.Length > 0 && record.RetainUntilUtc > nowUtc;
}

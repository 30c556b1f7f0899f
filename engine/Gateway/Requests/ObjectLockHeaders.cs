using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Retention and legal hold of an object that is being written: from its headers, else from the bucket's default.</summary>
/// <param name="Mode">Empty for none.</param>
/// <param name="UntilUtc">With the mode.</param>
/// <param name="LegalHold">Legal hold; null when nothing is said of it.</param>
internal readonly record struct ObjectLockHeaders(string Mode, DateTime? UntilUtc, bool? LegalHold)
{
    /// <summary>Reads the headers.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument.</exception>
    internal static ObjectLockHeaders Read(OperationContext context)
    {
        string? mode = context.Headers["x-amz-object-lock-mode"];
        string? until = context.Headers["x-amz-object-lock-retain-until-date"];
        string? hold = context.Headers["x-amz-object-lock-legal-hold"];
        if (mode is null && until is null && hold is null)
        {
            return Default(context);
        }

        if (!context.Bucket.ObjectLock)
        {
            throw S3Exception.InvalidRequest("Bucket is missing Object Lock Configuration");
        }

        if (mode is null != until is null)
        {
            throw S3Exception.InvalidArgument(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                mode is null ? "x-amz-object-lock-mode" : "x-amz-object-lock-retain-until-date",
                "");
        }

        if (hold is not (null or "ON" or "OFF"))
        {
            throw S3Exception.InvalidArgument("Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold", hold);
        }

        ObjectLockHeaders retention = mode is null ? Default(context) : new ObjectLockHeaders(CheckMode(mode), CheckDate(context, until!), null);
        return retention with { LegalHold = hold is null ? null : hold == "ON" };
    }

    /// <summary>Reads a date in either of the forms that are understood.</summary>
    internal static bool TryParseDate(string text, out DateTime until) => Timestamps.TryParseIso(text, out until) || Timestamps.TryParseHttp(text, out until);

    private static string CheckMode(string mode) => mode is "GOVERNANCE" or "COMPLIANCE"
        ? mode
        : throw S3Exception.InvalidArgument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode);

    private static DateTime CheckDate(OperationContext context, string text)
    {
        if (!TryParseDate(text, out DateTime until))
        {
            throw S3Exception.InvalidArgument(
                "The retain until date must be provided in ISO 8601 format", "x-amz-object-lock-retain-until-date", text);
        }

        return until > context.NowUtc
            ? until
            : throw S3Exception.InvalidArgument("The retain until date must be in the future!", "x-amz-object-lock-retain-until-date", text);
    }

    private static ObjectLockHeaders Default(OperationContext context)
    {
        if (!context.Bucket.ObjectLock || !context.TryGetDocument(BucketDocuments.ObjectLock, out ReadOnlyMemory<byte> stored))
        {
            return new ObjectLockHeaders("", null, null);
        }

        DefaultRetention retention = DefaultRetention.Decode(stored);
        return new ObjectLockHeaders(retention.Mode, retention.From(context.NowUtc), null);
    }
}

/// <summary>A bucket's default retention; an empty mode for none.</summary>
/// <param name="Mode">GOVERNANCE, COMPLIANCE or empty.</param>
/// <param name="Days">0 when counted in years.</param>
/// <param name="Years">0 when counted in days.</param>
internal readonly record struct DefaultRetention(string Mode, int Days, int Years)
{
    internal static DefaultRetention Decode(ReadOnlyMemory<byte> stored)
    {
        var reader = new ByteReader(stored.Span);
        return new DefaultRetention(reader.Text(), (int)reader.UInt32(), (int)reader.UInt32());
    }

    internal byte[] Encode()
    {
        var writer = new ByteWriter(32);
        writer.Text(Mode);
        writer.UInt32((uint)Days);
        writer.UInt32((uint)Years);
        return writer.ToArray();
    }

    /// <summary>End of a retention that starts now.</summary>
    internal DateTime? From(DateTime nowUtc) => Mode.Length == 0 ? null : Days > 0 ? nowUtc.AddDays(Days) : nowUtc.AddYears(Years);
}

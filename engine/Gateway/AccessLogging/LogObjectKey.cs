using System;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>How keys of log objects are made.</summary>
internal enum LogKeyFormat
{
    /// <summary>Prefix, time of delivery, a random text.</summary>
    Simple = 0,

    /// <summary>Below account, region, bucket and the day of the requests, one day an object.</summary>
    PartitionedByEvent,

    /// <summary>Below account, region, bucket and the day of delivery.</summary>
    PartitionedByDelivery,
}

/// <summary>Keys of log objects.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Logging requests with server access logging" (log object key format); API Reference, PartitionedPrefix.</remarks>
internal static class LogObjectKey
{
    /// <summary>Makes a key.</summary>
    /// <param name="source">The bucket whose requests the object tells of.</param>
    /// <param name="eventUtc">Time of a request that the object tells of.</param>
    /// <param name="deliveredUtc">Time of delivery.</param>
    /// <param name="unique">What keeps keys of one second apart.</param>
    internal static string Make(LogSource source, DateTime eventUtc, DateTime deliveredUtc, ulong unique)
    {
        LoggingConfiguration settings = source.Settings;

        // Of the day that the requests were made in, the hour does not show.
        DateTime named = settings.KeyFormat == LogKeyFormat.PartitionedByEvent ? eventUtc.Date : deliveredUtc;
        string file = string.Create(CultureInfo.InvariantCulture, $"{named:yyyy-MM-dd-HH-mm-ss}-{unique:X16}");
        return settings.KeyFormat == LogKeyFormat.Simple
            ? settings.Prefix + file
            : string.Create(CultureInfo.InvariantCulture, $"{settings.Prefix}{source.OwnerId}/{source.Region}/{source.Bucket}/{named:yyyy'/'MM'/'dd}/{file}");
    }
}

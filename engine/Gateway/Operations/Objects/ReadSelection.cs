using System.Collections.Generic;
using System.Globalization;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Which bytes of an object a GET or HEAD is about: all, a range, or a part.</summary>
/// <param name="Range">The bytes.</param>
/// <param name="IsPartial">Answered with 206.</param>
/// <param name="Part">The part, when one was asked for.</param>
internal readonly record struct ReadSelection(ByteRange Range, bool IsPartial, PartSummary? Part)
{
    /// <summary>Whether parts are needed to decide. A part number is checked before anybody looks for the object.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static bool NeedsParts(OperationContext context) => context.Query["partNumber"] is string text && Numbers.ParsePartNumber(text) > 0;

    /// <summary>Decides.</summary>
    /// <exception cref="S3Exception">InvalidRange, InvalidPartNumber, InvalidRequest.</exception>
    internal static ReadSelection Of(OperationContext context, QueryResult found)
    {
        ObjectRecord target = found.Object!;
        string? range = context.Headers["Range"];
        if (context.Query["partNumber"] is string partText)
        {
            int number = Numbers.ParsePartNumber(partText);
            return range is null
                ? OfPart(target, found.Parts, number)
                : throw S3Exception.InvalidRequest("Cannot specify both Range header and partNumber query parameter");
        }

        if (context.Headers["If-Range"] is string validator && !IsCurrent(validator, target))
        {
            range = null;
        }

        return ByteRange.Parse(range, target.SizeBytes) is ByteRange asked
            ? new ReadSelection(asked, IsPartial: true, null)
            : new ReadSelection(new ByteRange(0, target.SizeBytes), IsPartial: false, null);
    }

    /// <summary>Adds length, range and status to an answer.</summary>
    internal void Apply(S3Response response, ObjectRecord target)
    {
        response.SetHeader("Content-Length", Range.LengthBytes.ToString(CultureInfo.InvariantCulture));
        if (IsPartial)
        {
            response.Status = 206;
            response.SetHeader("Content-Range", $"bytes {Range.Start}-{Range.Last}/{target.SizeBytes}");
        }

        if (Part is not null && target.PartCount > 0)
        {
            response.SetHeader("x-amz-mp-parts-count", target.PartCount.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Adds the checksum when it was asked for and covers what is sent.</summary>
    internal void ApplyChecksum(OperationContext context, S3Response response, ObjectRecord target)
    {
        bool wanted = string.Equals(context.Headers["x-amz-checksum-mode"], "ENABLED", System.StringComparison.OrdinalIgnoreCase);
        if (!wanted)
        {
            return;
        }

        if (Part is not null && target.PartCount > 0)
        {
            response.AddChecksum(Part.Checksum);
        }
        else if (Range.LengthBytes == target.SizeBytes)
        {
            response.AddChecksum(target.Checksum);
        }
    }

    /// <summary>Whether a client that has a part of the object may go on with it: RFC 9110, section 13.1.5, where weak validators and other dates never match.</summary>
    private static bool IsCurrent(string validator, ObjectRecord target) =>
        validator == $"\"{target.ETag}\"" || validator == Timestamps.Http(target.ModifiedUtc);

    private static ReadSelection OfPart(ObjectRecord target, IReadOnlyList<PartSummary> parts, int number)
    {
        if (target.PartCount == 0)
        {
            return number == 1
                ? new ReadSelection(new ByteRange(0, target.SizeBytes), IsPartial: target.SizeBytes > 0, new PartSummary(1, target.SizeBytes, null))
                : throw NoSuchPart(number, 1);
        }

        long start = 0;
        foreach (PartSummary part in parts)
        {
            if (part.Number == number)
            {
                return new ReadSelection(new ByteRange(start, part.SizeBytes), IsPartial: part.SizeBytes > 0, part);
            }

            start += part.SizeBytes;
        }

        throw NoSuchPart(number, parts.Count);
    }

    private static S3Exception NoSuchPart(int number, int count) =>
        new(S3Errors.InvalidPartNumber, ("PartNumberRequested", number), ("ActualPartCount", count));
}

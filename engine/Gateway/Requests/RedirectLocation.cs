using System;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Where an object sends those who ask a website for it. Source: Amazon S3 API Reference, PutObject (<c>x-amz-website-redirect-location</c>) and POST Object.</summary>
internal static class RedirectLocation
{
    /// <summary>The header, in lower case as objects keep it.</summary>
    internal const string Header = "x-amz-website-redirect-location";

    private const int SizeBytesMax = 2 * 1024;

    /// <summary>Refuses what is neither a place in the same bucket nor a URL of the web.</summary>
    /// <exception cref="S3Exception">InvalidRedirectLocation.</exception>
    internal static void Check(string location)
    {
        if (!location.StartsWith('/')
            && !location.StartsWith("http://", StringComparison.Ordinal)
            && !location.StartsWith("https://", StringComparison.Ordinal))
        {
            throw new S3Exception(S3Errors.InvalidRedirectLocation);
        }

        if (Encoding.UTF8.GetByteCount(location) > SizeBytesMax)
        {
            throw new S3Exception(S3Errors.InvalidRedirectLocation, "The length of website redirect location cannot exceed 2,048 characters.");
        }
    }
}

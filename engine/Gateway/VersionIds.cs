using System.Globalization;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Ids as clients see them: versions and uploads. Opaque to clients, fixed width, so that nothing is read into them.</summary>
internal static class VersionIds
{
    private const string NullText = "null";
    private const int Digits = 16;

    /// <summary><c>null</c>, or 16 hex digits.</summary>
    internal static string Format(VersionId version) =>
        version.IsNull ? NullText : version.Value.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Reads a version id.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it is none.</exception>
    internal static VersionId Parse(string text, string argument = "versionId")
    {
        if (text.Length == 0)
        {
            throw S3Exception.InvalidArgument("Version id cannot be the empty string", argument, text);
        }

        return TryParse(text, out VersionId version)
            ? version
            : throw S3Exception.InvalidArgument("Invalid version id specified", argument, text);
    }

    /// <summary>Reads a version id; false when it is none.</summary>
    internal static bool TryParse(string text, out VersionId version)
    {
        version = VersionId.Null;
        if (text == NullText)
        {
            return true;
        }

        if (text.Length != Digits
            || !ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            || value == 0)
        {
            return false;
        }

        version = new VersionId(value);
        return true;
    }

    /// <summary>An upload's id: the blob id that makes it unique and 64 random bits that make it hard to guess.</summary>
    internal static string FormatUpload(BlobId id, ulong random) => $"{id.Epoch:x16}{id.Number:x16}{random:x16}";
}

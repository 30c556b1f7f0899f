using System;
using System.IO;
using System.Security.Cryptography;
using System.Text.Json;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Host;

/// <summary>Who may do everything: from the environment, else made at the first start and kept in the data folder.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="IsNew">The keys were made just now and should be shown, this once.</param>
internal sealed record RootIdentity(Identity Identity, bool IsNew)
{
    internal const string AccessKeyVariable = "OBJECTSTORE_ACCESS_KEY";
    internal const string SecretKeyVariable = "OBJECTSTORE_SECRET_KEY";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads or makes it. Its canonical id is made once per data folder and outlives any change of keys: objects name their owner by it.</summary>
    internal static RootIdentity Load(DataFolder folder)
    {
        (string AccessKey, string SecretKey)? given = FromEnvironment();
        Kept? kept = Read(folder.RootPath);
        bool isNew = given is null && string.IsNullOrEmpty(kept?.SecretKey);
        Kept root = kept ?? new Kept(IdentityRules.NewCanonicalId(), "", "");
        if (isNew)
        {
            root = root with { AccessKey = IdentityRules.NewAccessKey(), SecretKey = IdentityRules.NewSecretKey() };
        }

        if (root != kept)
        {
            folder.WriteDurably(folder.RootPath, JsonSerializer.SerializeToUtf8Bytes(root, Format));
        }

        (string accessKey, string secretKey) = given ?? (root.AccessKey, root.SecretKey);
        return new RootIdentity(new Identity("root", accessKey, secretKey, root.CanonicalId, "", IsRoot: true), isNew);
    }

    /// <summary>Makes the content of a root.json, with the keys of the environment or made-up ones.</summary>
    /// <returns>The secret key only when it was made up.</returns>
    internal static (string Json, string AccessKey, string? MadeSecret) MakeFile()
    {
        (string AccessKey, string SecretKey)? given = FromEnvironment();
        (string accessKey, string secretKey) = given ?? (IdentityRules.NewAccessKey(), IdentityRules.NewSecretKey());
        string json = JsonSerializer.Serialize(new Kept(IdentityRules.NewCanonicalId(), accessKey, secretKey), Format);
        return (json, accessKey, given is null ? secretKey : null);
    }

    private static (string AccessKey, string SecretKey)? FromEnvironment()
    {
        string accessKey = Environment.GetEnvironmentVariable(AccessKeyVariable) ?? "";
        string secretKey = Environment.GetEnvironmentVariable(SecretKeyVariable) ?? "";
        if (accessKey.Length == 0 && secretKey.Length == 0)
        {
            return null;
        }

        if (accessKey.Length == 0 || secretKey.Length == 0)
        {
            throw new CommandFailedException(ExitCode.Usage, $"set both {AccessKeyVariable} and {SecretKeyVariable}, or neither");
        }

        string? wrong = IdentityRules.CheckAccessKey(accessKey) ?? IdentityRules.CheckSecretKey(secretKey);
        return wrong is null ? (accessKey, secretKey) : throw new CommandFailedException(ExitCode.Usage, wrong);
    }

    private static Kept? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            Kept? kept = JsonSerializer.Deserialize<Kept>(File.ReadAllBytes(path), Format);
            return string.IsNullOrEmpty(kept?.CanonicalId) ? throw new JsonException("no canonical id") : kept;
        }
        catch (JsonException failure)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path} is damaged: {failure.Message}");
        }
    }

    private sealed record Kept(string CanonicalId, string AccessKey, string SecretKey);
}

/// <summary>What names and keys may look like, and new random ones.</summary>
internal static class IdentityRules
{
    private const string AccessKeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretKeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>20 characters, 100 bits.</summary>
    internal static string NewAccessKey() => RandomNumberGenerator.GetString(AccessKeyLetters, 20);

    /// <summary>40 characters, 240 bits.</summary>
    internal static string NewSecretKey() => RandomNumberGenerator.GetString(SecretKeyLetters, 40);

    /// <summary>64 lower-case hex digits.</summary>
    internal static string NewCanonicalId() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    internal static string? CheckName(string name) =>
        Matches(name, 1, 64, "+=,.@_-") ? null : "a user name is 1 to 64 letters, digits or any of +=,.@_-";

    internal static string? CheckAccessKey(string key) =>
        Matches(key, 3, 128, "+=,.@_-") ? null : "an access key is 3 to 128 letters, digits or any of +=,.@_-";

    internal static string? CheckSecretKey(string key)
    {
        bool fits = key.Length is >= 8 and <= 128;
        foreach (char letter in key)
        {
            fits &= letter is > ' ' and < (char)127;
        }

        return fits ? null : "a secret key is 8 to 128 printable ASCII characters without spaces";
    }

    internal static string? CheckCanonicalId(string id) =>
        Matches(id, 1, 128, "_-") ? null : "a canonical id is 1 to 128 letters, digits, - or _; usually 64 hex digits";

    private static bool Matches(string value, int least, int most, string extra)
    {
        bool fits = value.Length >= least && value.Length <= most;
        foreach (char letter in value)
        {
            fits &= char.IsAsciiLetterOrDigit(letter) || extra.Contains(letter, StringComparison.Ordinal);
        }

        return fits;
    }
}

namespace ObjectStore.Engine.Auth;

/// <summary>Settings of signature checks.</summary>
public sealed record SigV4Options
{
    /// <summary>The region this server says it is.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Also accept <c>us-east-1</c>, which clients use when told nothing.</summary>
    public bool AcceptUsEast1 { get; init; } = true;

    /// <summary>How far a request's time may be from ours, seconds.</summary>
    public int SkewSecondsMax { get; init; } = 15 * 60;

    /// <summary>Accept the old Signature Version 2 (HMAC-SHA1) too: presigned URLs, headers and forms. See decisions/0006-signature-version-2.md.</summary>
    public bool AcceptVersion2 { get; init; } = true;

    /// <summary>Signing keys kept (a power of two).</summary>
    public int SigningKeysMax { get; init; } = 1024;
}

using System;
using System.Security.Cryptography;
using System.Threading;

namespace ObjectStore.Engine.Auth;

/// <summary>A derived key: good for one access key, day and region. Immutable.</summary>
internal sealed class SigningKey
{
    private const int DigestSizeBytes = 32;

    private readonly HashSlots _macs;

    private SigningKey(string accessKey, string secretKey, string date, string region, byte[] key)
    {
        (AccessKey, SecretKey, Date, Region, Key) = (accessKey, secretKey, date, region, key);
        _macs = new HashSlots(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key));
    }

    public string AccessKey { get; }

    public string SecretKey { get; }

    public string Date { get; }

    public string Region { get; }

    /// <summary>32 bytes.</summary>
    public byte[] Key { get; }

    /// <summary>Derives it.</summary>
    public static SigningKey Derive(string accessKey, string secretKey, ReadOnlySpan<char> date, ReadOnlySpan<char> region)
    {
        (string day, string scope) = (date.ToString(), region.ToString());
        return new SigningKey(accessKey, secretKey, day, scope, SigV4Signer.DeriveKey(secretKey, day, scope));
    }

    /// <summary>Writes 64 lower-case hex digits.</summary>
    public void Sign(ReadOnlySpan<byte> text, Span<byte> signatureHex)
    {
        Span<byte> mac = stackalloc byte[DigestSizeBytes];
        _macs.Compute(text, mac);
        Convert.TryToHexStringLower(mac, signatureHex, out _);
    }

    public bool IsFor(ReadOnlySpan<char> accessKey, ReadOnlySpan<char> date, ReadOnlySpan<char> region) =>
        accessKey.SequenceEqual(AccessKey) && date.SequenceEqual(Date) && region.SequenceEqual(Region);
}

/// <summary>Derived keys kept for the next request: one slot for each hash, the newer key takes it. Any thread; a lost race costs a derivation.</summary>
internal sealed class SigningKeyCache
{
    private readonly SigningKey?[] _slots;

    public SigningKeyCache(int size)
    {
        if (size < 1 || (size & (size - 1)) != 0)
        {
            throw new ArgumentException("the size must be a power of two", nameof(size));
        }

        _slots = new SigningKey?[size];
    }

    public SigningKey? Find(ReadOnlySpan<char> accessKey, ReadOnlySpan<char> date, ReadOnlySpan<char> region)
    {
        SigningKey? key = Volatile.Read(ref _slots[SlotOf(accessKey, date, region)]);
        return key is not null && key.IsFor(accessKey, date, region) ? key : null;
    }

    public void Keep(SigningKey key) => Volatile.Write(ref _slots[SlotOf(key.AccessKey, key.Date, key.Region)], key);

    private int SlotOf(ReadOnlySpan<char> accessKey, ReadOnlySpan<char> date, ReadOnlySpan<char> region)
    {
        uint hash = Mix(Mix(Mix(2166136261, accessKey), date), region);
        return (int)(hash & (uint)(_slots.Length - 1));
    }

    /// <summary>FNV-1a over the characters.</summary>
    private static uint Mix(uint hash, ReadOnlySpan<char> text)
    {
        foreach (char value in text)
        {
            hash = unchecked((hash ^ value) * 16777619);
        }

        return hash;
    }
}

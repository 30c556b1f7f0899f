using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>Why an identity was refused.</summary>
public enum IdentityError
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>Names are 1 to 64 of <c>[A-Za-z0-9+=,.@_-]</c>.</summary>
    InvalidName,

    /// <summary>Access keys are 3 to 128 of <c>[A-Za-z0-9_-]</c>.</summary>
    InvalidAccessKey,

    /// <summary>Secret keys are 8 to 128 printable ASCII characters.</summary>
    InvalidSecretKey,

    /// <summary>Canonical ids are 1 to 64 of <c>[A-Za-z0-9_-]</c>.</summary>
    InvalidCanonicalId,

    /// <summary>Somebody else has this access key, canonical id or e-mail.</summary>
    InUse,

    /// <summary>Nobody of that name.</summary>
    NotFound,

    /// <summary>The root identity comes from the configuration and cannot be changed here.</summary>
    IsRoot,
}

/// <summary>The identities of a node, one change at a time: root from its options, the others from metadata. Look-ups read an immutable snapshot and may come from any thread.</summary>
public sealed class IdentityDirectory : IIdentityDirectory, IDisposable
{
    private const int NameLengthMax = 64;

    private readonly IMetadataShard _metadata;
    private readonly IClock _clock;
    private readonly IEntropy _entropy;
    private readonly Identity _root;
    private readonly SemaphoreSlim _turn = new(1);
    private Snapshot _snapshot;

    private IdentityDirectory(IMetadataShard metadata, IClock clock, IEntropy entropy, Identity root)
    {
        (_metadata, _clock, _entropy, _root) = (metadata, clock, entropy, root);
        _snapshot = Snapshot.Make([root]);
    }

    /// <summary>Reads the stored identities.</summary>
    internal static async Task<IdentityDirectory> OpenAsync(IMetadataShard metadata, IClock clock, IEntropy entropy, Identity root)
    {
        var directory = new IdentityDirectory(metadata, clock, entropy, root);
        await directory.ReloadAsync();
        return directory;
    }

    /// <summary>Knows root at once and the stored identities as soon as metadata answers; reads them again at intervals, since other nodes change them too.</summary>
    /// <remarks>A change made at another node is seen here after <paramref name="interval"/> at the latest while metadata can be reached, as changes of IAM are: not at once, but soon.</remarks>
    internal static IdentityDirectory Follow(IMetadataShard metadata, NodeEnvironment environment, ILoop loop, Identity root, TimeSpan interval)
    {
        var directory = new IdentityDirectory(metadata, environment.Clock, environment.Entropy, root);
        environment.Spawner.Spawn(loop, "identities-follow", () => directory.FollowAsync(environment, interval));
        return directory;
    }

    /// <summary>No changes come after; look-ups may.</summary>
    public void Dispose() => _turn.Dispose();

    /// <summary>Root first, then by name.</summary>
    public IReadOnlyList<Identity> All => Volatile.Read(ref _snapshot).All;

    /// <inheritdoc/>
    public Identity? FindByAccessKey(string accessKey) => Volatile.Read(ref _snapshot).ByAccessKey.GetValueOrDefault(accessKey);

    /// <inheritdoc/>
    public Identity? FindByCanonicalId(string canonicalId) => Volatile.Read(ref _snapshot).ByCanonicalId.GetValueOrDefault(canonicalId);

    /// <inheritdoc/>
    public Identity? FindByEmail(string email) => Volatile.Read(ref _snapshot).ByEmail.GetValueOrDefault(email);

    /// <summary>Adds an identity, or gives one of that name new keys. Durable on return.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="accessKey">Its access key.</param>
    /// <param name="secretKey">Its secret.</param>
    /// <param name="canonicalId">Null keeps the one it has, or draws one.</param>
    /// <param name="email">Null keeps the one it has, or none.</param>
    public async Task<IdentityError> SetAsync(string name, string accessKey, string secretKey, string? canonicalId, string? email)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(accessKey);
        ArgumentNullException.ThrowIfNull(secretKey);
        if (name == _root.Name)
        {
            return IdentityError.IsRoot;
        }

        // Between the check and the command, and between the command and the new snapshot, nobody else may change anything.
        await _turn.WaitAsync();
        try
        {
            return await SetInTurnAsync(name, accessKey, secretKey, canonicalId, email);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Removes an identity; its buckets and objects stay. Durable on return.</summary>
    public async Task<IdentityError> RemoveAsync(string name)
    {
        if (name == _root.Name)
        {
            return IdentityError.IsRoot;
        }

        await _turn.WaitAsync();
        try
        {
            CommandResult result = await _metadata.ExecuteAsync(new RemoveIdentityCommand(name) { NowUtc = _clock.UtcNow });
            if (result.Error != MetadataError.None)
            {
                return IdentityError.NotFound;
            }

            await ReloadAsync();
            return IdentityError.None;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IdentityError> SetInTurnAsync(string name, string accessKey, string secretKey, string? canonicalId, string? email)
    {
        Snapshot snapshot = Volatile.Read(ref _snapshot);
        Identity? before = snapshot.FindByName(name);
        canonicalId ??= before?.CanonicalId ?? DrawCanonicalId();
        email ??= before?.Email ?? "";
        IdentityError error = Validate(name, accessKey, secretKey, canonicalId);
        if (error != IdentityError.None)
        {
            return error;
        }

        if (IsOther(FindByAccessKey(accessKey), name)
            || IsOther(FindByCanonicalId(canonicalId), name)
            || (email.Length > 0 && IsOther(FindByEmail(email), name)))
        {
            return IdentityError.InUse;
        }

        CommandResult result = await _metadata.ExecuteAsync(new SetIdentityCommand(new IdentityRecord
        {
            Name = name,
            AccessKey = accessKey,
            SecretKey = secretKey,
            CanonicalId = canonicalId,
            Email = email,
        })
        {
            NowUtc = _clock.UtcNow,
        });
        if (result.Error != MetadataError.None)
        {
            return IdentityError.InUse;
        }

        await ReloadAsync();
        return IdentityError.None;
    }

    private static bool IsOther(Identity? found, string name) => found is not null && found.Name != name;

    private static IdentityError Validate(string name, string accessKey, string secretKey, string canonicalId)
    {
        if (name.Length is 0 or > NameLengthMax || !HasOnly(name, "+=,.@_-"))
        {
            return IdentityError.InvalidName;
        }

        if (accessKey.Length is < 3 or > 128 || !HasOnly(accessKey, "_-"))
        {
            return IdentityError.InvalidAccessKey;
        }

        if (secretKey.Length is < 8 or > 128)
        {
            return IdentityError.InvalidSecretKey;
        }

        foreach (char letter in secretKey)
        {
            if (letter is < '!' or > '~')
            {
                return IdentityError.InvalidSecretKey;
            }
        }

        return canonicalId.Length is 0 or > 64 || !HasOnly(canonicalId, "_-") ? IdentityError.InvalidCanonicalId : IdentityError.None;
    }

    private static bool HasOnly(string text, string punctuation)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !punctuation.Contains(letter, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private string DrawCanonicalId()
    {
        var id = new byte[32];
        _entropy.Fill(id);
        return Convert.ToHexStringLower(id);
    }

    private async Task FollowAsync(NodeEnvironment environment, TimeSpan interval)
    {
        // Ends with the node.
        while (true)
        {
            await _turn.WaitAsync();
            try
            {
                await ReloadAsync();
            }
            catch (StorageException failure)
            {
                environment.Trace.Emit(TraceLevel.Debug, "identities", "not-reached", ("failure", failure.Message));
            }
            finally
            {
                _turn.Release();
            }

            await environment.Clock.DelayAsync(interval);
        }
    }

    private async Task ReloadAsync()
    {
        QueryResult result = await _metadata.QueryAsync(new ListIdentitiesQuery());
        var all = new List<Identity> { _root };
        foreach (IdentityRecord record in result.Identities)
        {
            all.Add(new Identity(record.Name, record.AccessKey, record.SecretKey, record.CanonicalId, record.Email, IsRoot: false));
        }

        Volatile.Write(ref _snapshot, Snapshot.Make(all));
    }

    private sealed record Snapshot(
        IReadOnlyList<Identity> All,
        Dictionary<string, Identity> ByAccessKey,
        Dictionary<string, Identity> ByCanonicalId,
        Dictionary<string, Identity> ByEmail)
    {
        internal static Snapshot Make(IReadOnlyList<Identity> all)
        {
            var snapshot = new Snapshot(all, new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.OrdinalIgnoreCase));
            foreach (Identity identity in all)
            {
                // Root comes first and keeps its keys whatever is stored.
                snapshot.ByAccessKey.TryAdd(identity.AccessKey, identity);
                snapshot.ByCanonicalId.TryAdd(identity.CanonicalId, identity);
                if (identity.Email.Length > 0)
                {
                    snapshot.ByEmail.TryAdd(identity.Email, identity);
                }
            }

            return snapshot;
        }

        internal Identity? FindByName(string name)
        {
            foreach (Identity identity in All)
            {
                if (identity.Name == name)
                {
                    return identity;
                }
            }

            return null;
        }
    }
}

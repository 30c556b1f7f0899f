using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Host;

/// <summary>The identities of a node that stands alone: <c>identities.json</c> in the data folder (mode 0600), and root beside them.</summary>
/// <remarks>
/// Kept outside the engine's store so that they can be changed while no server runs without recovering a store for it. Look-ups read one
/// immutable table; a change writes the whole file durably, then swaps the table.
/// Invariant: what a look-up finds is durable.
/// </remarks>
internal sealed class IdentityFile : IIdentityAdministration
{
    private const int FormatVersion = 1;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly DataFolder _folder;
    private readonly Identity? _root;
    private readonly Lock _changing = new();
    private volatile Table _table;

    /// <summary>Reads the file; a missing one holds no identities.</summary>
    /// <param name="folder">Held by the caller for as long as this lives.</param>
    /// <param name="root">Root, or null where only the others are administered.</param>
    /// <exception cref="CommandFailedException">The file is damaged or newer than this program.</exception>
    internal IdentityFile(DataFolder folder, Identity? root)
    {
        _folder = folder;
        _root = root;
        _table = new Table(Read(FilePath), root);
    }

    private string FilePath => Path.Join(_folder.Path, "identities.json");

    public Identity? FindByAccessKey(string accessKey) => _table.ByAccessKey.GetValueOrDefault(accessKey);

    public Identity? FindByCanonicalId(string canonicalId) => _table.ByCanonicalId.GetValueOrDefault(canonicalId);

    public Identity? FindByEmail(string email) => _table.ByEmail.GetValueOrDefault(email);

    public IReadOnlyList<Identity> List() => _table.Users;

    public Task<IdentityError> AddAsync(Identity identity)
    {
        lock (_changing)
        {
            Table table = _table;
            IdentityError refused =
                string.Equals(identity.Name, _root?.Name ?? "root", StringComparison.Ordinal) ? IdentityError.IsRoot :
                table.Users.Any(user => user.Name == identity.Name) ? IdentityError.NameTaken :
                table.ByAccessKey.ContainsKey(identity.AccessKey) ? IdentityError.AccessKeyTaken :
                table.ByCanonicalId.ContainsKey(identity.CanonicalId) ? IdentityError.CanonicalIdTaken :
                IdentityError.None;
            if (refused == IdentityError.None)
            {
                Replace([.. table.Users, identity]);
            }

            return Task.FromResult(refused);
        }
    }

    public Task<IdentityError> RemoveAsync(string name)
    {
        lock (_changing)
        {
            Table table = _table;
            if (name == (_root?.Name ?? "root"))
            {
                return Task.FromResult(IdentityError.IsRoot);
            }

            List<Identity> left = [.. table.Users.Where(user => user.Name != name)];
            if (left.Count == table.Users.Count)
            {
                return Task.FromResult(IdentityError.NotFound);
            }

            Replace(left);
            return Task.FromResult(IdentityError.None);
        }
    }

    private static List<Identity> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path), Format);
        }
        catch (JsonException failure)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path} is damaged: {failure.Message}");
        }

        return content is { Version: FormatVersion, Identities: not null }
            ? content.Identities
            : throw new CommandFailedException(ExitCode.Failed, $"{path} is of a format that this program does not know");
    }

    private void Replace(List<Identity> users)
    {
        users.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        _folder.WriteDurably(FilePath, JsonSerializer.SerializeToUtf8Bytes(new Content(FormatVersion, users), Format));
        _table = new Table(users, _root);
    }

    private sealed record Content(int Version, List<Identity> Identities);

    private sealed class Table
    {
        internal Table(List<Identity> users, Identity? root)
        {
            Users = users;
            IEnumerable<Identity> all = root is null ? users : users.Append(root);
            foreach (Identity identity in all)
            {
                ByAccessKey[identity.AccessKey] = identity;
                ByCanonicalId[identity.CanonicalId] = identity;
                if (identity.Email.Length > 0)
                {
                    ByEmail[identity.Email] = identity;
                }
            }
        }

        internal List<Identity> Users { get; }

        internal Dictionary<string, Identity> ByAccessKey { get; } = new(StringComparer.Ordinal);

        internal Dictionary<string, Identity> ByCanonicalId { get; } = new(StringComparer.Ordinal);

        internal Dictionary<string, Identity> ByEmail { get; } = new(StringComparer.OrdinalIgnoreCase);
    }
}

using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Certificates and secrets of a region as files.</summary>
/// <remarks>
/// The authority's folder has <c>ca.pem</c> and <c>ca.key</c>. A node's data folder has <c>cluster/ca.pem</c>, <c>cluster/node.pem</c>, <c>cluster/node.key</c>, and the same <c>root.json</c> and
/// <c>master.key</c> as all others. Keys and secrets have mode 0600.
/// </remarks>
internal static class RegionFiles
{
    private const string AuthorityCertificate = "ca.pem";
    private const string AuthorityKey = "ca.key";
    private const string NodeCertificate = "node.pem";
    private const string NodeKey = "node.key";
    private const string NodeFolder = "cluster";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes an authority in a folder.</summary>
    /// <exception cref="CommandFailedException">There is one already, or the folder cannot be written.</exception>
    internal static X509Certificate2 CreateAuthority(string folder, string region, TimeSpan validity)
    {
        if (File.Exists(Path.Join(folder, AuthorityKey)))
        {
            throw new CommandFailedException(ExitCode.Conflict, $"{Path.Join(folder, AuthorityKey)} exists: an authority is made once");
        }

        X509Certificate2 authority = RegionAuthority.Create(region, validity);
        Write(folder, AuthorityCertificate, authority.ExportCertificatePem() + "\n", isSecret: false);
        Write(folder, AuthorityKey, KeyPem(authority), isSecret: true);
        return authority;
    }

    /// <exception cref="CommandFailedException">There is none, or it is damaged.</exception>
    internal static X509Certificate2 LoadAuthority(string folder)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Path.Join(folder, AuthorityCertificate), Path.Join(folder, AuthorityKey));
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"no authority in {folder}: {failure.Message}");
        }
    }

    /// <summary>Writes what a node of that name proves itself with into <paramref name="folder"/>.</summary>
    internal static void IssueCertificate(X509Certificate2 authority, string folder, string node, TimeSpan validity)
    {
        using X509Certificate2 made = RegionAuthority.Issue(authority, node, validity);
        Write(folder, AuthorityCertificate, authority.ExportCertificatePem() + "\n", isSecret: false);
        Write(folder, NodeCertificate, made.ExportCertificatePem() + "\n", isSecret: false);
        Write(folder, NodeKey, KeyPem(made), isSecret: true);
    }

    /// <summary>Writes everything that the data folder of a node needs before its first start in a region.</summary>
    internal static void PrepareDataFolder(X509Certificate2 authority, string folder, string node, TimeSpan validity, string rootJson, string masterKey)
    {
        IssueCertificate(authority, Path.Join(folder, NodeFolder), node, validity);
        Write(folder, "root.json", rootJson, isSecret: true);
        Write(folder, "master.key", masterKey, isSecret: true);
    }

    /// <summary>Refuses a data folder without the secrets that all nodes of a region share: made up here, they would be another node's to contradict.</summary>
    internal static void RequireSecrets(DataFolder folder)
    {
        foreach (string file in (string[])[folder.RootPath, folder.MasterKeyPath])
        {
            if (!File.Exists(file))
            {
                throw new CommandFailedException(
                    ExitCode.Failed, $"{file} is missing: all nodes of a region share it; 'objectstore cluster init' makes the data folders of all nodes");
            }
        }
    }

    /// <exception cref="CommandFailedException">They are missing, damaged or another node's.</exception>
    internal static NodeCredentials LoadCredentials(DataFolder folder, NodeId node)
    {
        string from = Path.Join(folder.Path, NodeFolder);
        try
        {
            NodeCredentials credentials = NodeCredentials.Load(Path.Join(from, AuthorityCertificate), Path.Join(from, NodeCertificate), Path.Join(from, NodeKey));
            return credentials.IsOf(node)
                ? credentials
                : throw new CommandFailedException(ExitCode.Failed, $"{Path.Join(from, NodeCertificate)} is not made out to node {node}");
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"no certificate of node {node} in {from} ('objectstore cluster issue-cert' makes one): {failure.Message}");
        }
    }

    private static string KeyPem(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static void Write(string folder, string name, string text, bool isSecret)
    {
        string file = Path.Join(folder, name);
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = isSecret ? OwnerOnly : OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            };
            using var stream = new FileStream(file, options);
            stream.Write(Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot write {file}: {failure.Message}");
        }
    }
}

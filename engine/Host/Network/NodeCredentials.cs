using System;
using System.IO;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>What a node proves itself with to its peers, and what it asks of them: TLS 1.3, both sides with a certificate that the region's own authority signed.</summary>
/// <remarks>
/// Invariant: a connection stands only between a node and one whose certificate names it (a DNS name of the subject alternative names, compared by ordinal). Certificates of other authorities,
/// the machine's trusted ones among them, count for nothing.
/// </remarks>
public sealed class NodeCredentials : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;

    /// <summary>Takes over both certificates.</summary>
    /// <param name="authority">The region's authority.</param>
    /// <param name="certificate">The node's, with its private key.</param>
    public NodeCredentials(X509Certificate2 authority, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("the certificate has no private key", nameof(certificate));
        }

        (_authority, _certificate) = (authority, certificate);
        _context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>Until when the certificate is good; UTC.</summary>
    public DateTime ExpiresUtc => _certificate.NotAfter.ToUniversalTime();

    /// <summary>Reads PEM files.</summary>
    /// <exception cref="CryptographicException">A file is no certificate or key, or they do not belong together.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static NodeCredentials Load(string authorityFile, string certificateFile, string keyFile) =>
        new(X509CertificateLoader.LoadCertificateFromFile(authorityFile), X509Certificate2.CreateFromPemFile(certificateFile, keyFile));

    /// <summary>True when the certificate was made out to that node.</summary>
    public bool IsOf(NodeId node) => Names(_certificate, node);

    /// <summary>Lets go of the certificates.</summary>
    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    internal async Task<Stream> ConnectAsync(Stream plain, NodeId peer, CancellationToken cancellation)
    {
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = peer.Value,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificateContext = _context,
                    CertificateChainPolicy = Policy(ServerUse),
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsSigned(errors) && certificate is X509Certificate2 offered && Names(offered, peer),
                    AllowTlsResume = false,
                },
                cancellation);
            return stream;
        }
        catch (Exception)
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets a peer in; whom its certificate names is for the caller to compare, with <see cref="Names"/>.</summary>
    internal async Task<SslStream> AcceptAsync(Stream plain, CancellationToken cancellation)
    {
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ServerCertificateContext = _context,
                    ClientCertificateRequired = true,
                    CertificateChainPolicy = Policy(ClientUse),
                    RemoteCertificateValidationCallback = static (_, certificate, _, errors) => IsSigned(errors) && certificate is X509Certificate2,
                    AllowTlsResume = false,
                },
                cancellation);
            return stream;
        }
        catch (Exception)
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    internal static bool Names(X509Certificate2 certificate, NodeId node)
    {
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension is X509SubjectAlternativeNameExtension names)
            {
                foreach (string name in names.EnumerateDnsNames())
                {
                    if (name == node.Value)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    // Nodes are not called by host names, so what the platform says about those is nothing; Names is asked instead.
    private static bool IsSigned(SslPolicyErrors errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;

    private X509ChainPolicy Policy(string use) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { _authority },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        ApplicationPolicy = { new Oid(use) },
    };
}

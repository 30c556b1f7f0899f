using System;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ObjectStore.Engine.Host;

/// <summary>The authority that signs the certificates of a region's nodes. It signs nothing else, and nodes trust nobody else.</summary>
/// <remarks>ECDSA over P-256. Source: RFC 5280, sections 4.2.1.3 (key usage), 4.2.1.6 (subject alternative name), 4.2.1.9 (basic constraints), 4.2.1.12 (extended key usage).</remarks>
public static class RegionAuthority
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    // A clock that is a little behind must not refuse what was made just now.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <summary>Makes an authority; the certificate has its private key.</summary>
    public static X509Certificate2 Create(string region, TimeSpan validity)
    {
        ArgumentNullException.ThrowIfNull(region);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name($"objectstore region {region}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now - ClockSkew, now + validity);
    }

    /// <summary>Makes a certificate for a node, good on both sides of a connection; it has its private key and ends with the authority at the latest.</summary>
    public static X509Certificate2 Issue(X509Certificate2 authority, string node, TimeSpan validity)
    {
        ArgumentNullException.ThrowIfNull(authority);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(node), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(node);
        request.CertificateExtensions.Add(names.Build(critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset begins = Max(now - ClockSkew, new DateTimeOffset(authority.NotBefore));
        DateTimeOffset ends = Min(now + validity, new DateTimeOffset(authority.NotAfter));
        using X509Certificate2 made = request.Create(authority, begins, ends, RandomNumberGenerator.GetBytes(16));
        return made.CopyWithPrivateKey(key);
    }

    private static X500DistinguishedName Name(string common)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(common);
        return builder.Build();
    }

    private static DateTimeOffset Max(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}

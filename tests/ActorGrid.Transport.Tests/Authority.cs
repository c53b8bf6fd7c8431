using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorGrid.Transport.Tests;

/// <summary>An authority of a grid, made for a test.</summary>
internal sealed class Authority : IDisposable
{
    private static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUse = new("1.3.6.1.5.5.7.3.2");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private byte _serial;

    public Authority(string name = "grid")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
    }

    /// <summary>The options of a node whom this authority has signed a certificate.</summary>
    public TlsOptions Node(int validFromDay = -1, int validToDay = 1) => new() { Certificate = Sign(validFromDay, validToDay), Authority = _certificate };

    /// <summary>The options of a node that trusts this authority, but has its certificate from another.</summary>
    public TlsOptions Intruder(Authority other) => new() { Certificate = other.Sign(-1, 1), Authority = _certificate };

    public void Dispose()
    {
        _key.Dispose();
        _certificate.Dispose();
    }

    private X509Certificate2 Sign(int validFromDay, int validToDay)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerUse, ClientUse], critical: false));
        using var signed = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(validFromDay), DateTimeOffset.UtcNow.AddDays(validToDay), [++_serial]);
        return signed.CopyWithPrivateKey(key);
    }
}

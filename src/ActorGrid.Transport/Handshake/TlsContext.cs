using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorGrid.Transport;

/// <summary>TLS 1.3 in which both sides show a certificate of the grid's authority.</summary>
internal sealed class TlsContext(TlsOptions options)
{
    private readonly SslStreamCertificateContext _certificate = Load(options.Certificate);

    public async ValueTask<Stream> DialledAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "actorgrid",
            ClientCertificateContext = _certificate,
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = Policy(),
            RemoteCertificateValidationCallback = IsTrusted,
            AllowTlsResume = false,
        });
        return Mutual(tls);
    }

    public async ValueTask<Stream> AcceptedAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = Policy(),
            RemoteCertificateValidationCallback = IsTrusted,
            AllowTlsResume = false,
        });
        return Mutual(tls);
    }

    /// <summary>The name is not compared with anything: who has a certificate of this authority is a node of this grid.</summary>
    private static bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null && (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;

    private static SslStream Mutual(SslStream tls) => tls.IsMutuallyAuthenticated
        ? tls
        : throw new AuthenticationException("Only one side has shown a certificate.");

    /// <summary>Makes what both sides of all connections show.</summary>
    /// <exception cref="InvalidOperationException">The certificate cannot be used.</exception>
    private static SslStreamCertificateContext Load(X509Certificate2 certificate)
    {
        try
        {
            return SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException(
                $"The certificate of {nameof(TlsOptions)}.{nameof(TlsOptions.Certificate)} cannot be used: {e.Message} Give one that is loaded with its key, and not disposed of.", e);
        }
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(options.Authority);
        return policy;
    }
}

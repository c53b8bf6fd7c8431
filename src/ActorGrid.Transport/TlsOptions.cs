using System.Security.Cryptography.X509Certificates;

namespace ActorGrid.Transport;

/// <summary>The certificates by which the nodes of a grid know each other. Who has no certificate of the grid's authority gets no link.</summary>
/// <remarks>TLS 1.3 only, and both sides show their certificate. The name in a certificate is not compared with the address: the authority signs for
/// the nodes of this grid and for nobody else.</remarks>
public sealed record TlsOptions
{
    /// <summary>The certificate of this node, with its private key, for the use by servers and clients.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>The certificate of the grid's own authority, which has signed the certificates of all nodes. The authorities that the operating system
    /// trusts count for nothing.</summary>
    public required X509Certificate2 Authority { get; init; }

    internal void Check()
    {
        if (Certificate is not { HasPrivateKey: true })
        {
            throw new InvalidOperationException(
                $"{nameof(TlsOptions)}.{nameof(Certificate)} has no private key: load the certificate together with its key, for example by X509Certificate2.CreateFromPemFile.");
        }
        if (Authority is null) throw new InvalidOperationException($"{nameof(TlsOptions)}.{nameof(Authority)} is missing: give the certificate of the grid's authority.");
    }
}

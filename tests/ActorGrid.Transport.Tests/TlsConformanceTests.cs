namespace ActorGrid.Transport.Tests;

/// <summary>TCP with TLS.</summary>
public sealed class TlsConformanceTests : TcpConformanceTests, IDisposable
{
    private readonly Authority _authority = new();
    private readonly TlsOptions _tls;

    public TlsConformanceTests() => _tls = _authority.Node();

    protected override TlsOptions? Tls => _tls;

    public void Dispose() => _authority.Dispose();
}

using System.Net.Security;
using System.Net.Sockets;
using ActorGrid.Cluster;

namespace ActorGrid.Transport.Tests;

/// <summary>Who has no certificate of the grid's authority gets nothing but a refusal.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly Authority _authority = new();
    private readonly Authority _other = new("other");

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_another_authority_opens_no_link()
    {
        await using var server = await TestNode.ServerAsync(new TcpTransportOptions { Tls = _authority.Node() });
        await using var client = await TestNode.ClientAsync(new TcpTransportOptions { Tls = _authority.Intruder(_other) });

        client.Transport.Dial(server.Transport.Endpoint);

        Assert.Equal(DialFailure.Unreachable, await client.Receiver.FailureAsync(server.Transport.Endpoint));
        await server.Log.HasAsync(nameof(Refusal.Certificate));
        Assert.Equal(0, server.Receiver.OpenedCount);
    }

    [Fact]
    public async Task A_node_whose_certificate_is_of_another_authority_gets_no_link()
    {
        await using var server = await TestNode.ServerAsync(new TcpTransportOptions { Tls = _authority.Intruder(_other) });
        await using var client = await TestNode.ClientAsync(new TcpTransportOptions { Tls = _authority.Node() });

        client.Transport.Dial(server.Transport.Endpoint);

        Assert.Equal(DialFailure.Unreachable, await client.Receiver.FailureAsync(server.Transport.Endpoint));
        Assert.Equal(0, server.Receiver.OpenedCount);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_opens_no_link()
    {
        await using var server = await TestNode.ServerAsync(new TcpTransportOptions { Tls = _authority.Node() });
        await using var client = await TestNode.ClientAsync(new TcpTransportOptions { Tls = _authority.Node(validFromDay: -2, validToDay: -1) });

        client.Transport.Dial(server.Transport.Endpoint);

        Assert.Equal(DialFailure.Unreachable, await client.Receiver.FailureAsync(server.Transport.Endpoint));
        await server.Log.HasAsync(nameof(Refusal.Certificate));
    }

    [Fact]
    public async Task No_certificate_opens_no_link()
    {
        await using var server = await TestNode.ServerAsync(new TcpTransportOptions { Tls = _authority.Node() });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        await socket.SendAsync(RawPeer.PreambleOf(Lane.Control, hasTls: true));
        await using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(new byte[Preamble.Length]);
        await using var tls = new SslStream(stream);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "x", RemoteCertificateValidationCallback = (_, _, _, _) => true });
            await tls.WriteAsync(HelloCodec.OfNode(new NodeHello("grid", Guid.NewGuid(), "raw", "")));
            await tls.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        });

        await server.Log.HasAsync(nameof(Refusal.Certificate));
        Assert.Equal(0, server.Receiver.OpenedCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_with_TLS_and_one_without_say_so(bool serverHasTls)
    {
        var (with, without) = (new TcpTransportOptions { Tls = _authority.Node() }, new TcpTransportOptions());
        await using var server = await TestNode.ServerAsync(serverHasTls ? with : without);
        await using var client = await TestNode.ClientAsync(serverHasTls ? without : with);

        client.Transport.Dial(server.Transport.Endpoint);

        Assert.Equal(DialFailure.Unreachable, await client.Receiver.FailureAsync(server.Transport.Endpoint));
        await server.Log.HasAsync(nameof(Refusal.Security));
        await client.Log.HasAsync(serverHasTls ? "it speaks TLS and this node does not" : "it does not speak TLS and this node does");
    }

    [Fact]
    public async Task What_is_said_is_not_to_be_read()
    {
        var options = new TcpTransportOptions { Tls = _authority.Node() };
        await using var server = await TestNode.ServerAsync(options);
        await server.CheckServesAsync(options);
        using var plain = await RawPeer.ConnectAsync(server.EndPoint);
        await plain.SendAsync((byte[])[.. RawPeer.PreambleOf(Lane.Control, hasTls: true), .. HelloCodec.OfNode(server.Hello)]);

        await plain.EndAsync();

        await server.Log.HasAsync("was refused");
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_keeps_nothing_open()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        int port = ((System.Net.IPEndPoint)free.LocalEndPoint!).Port;
        free.Close();
        var tls = _authority.Node();
        await using var transport = new TcpTransport(new TcpTransportOptions { Host = "127.0.0.1", Port = port, Tls = tls });
        tls.Certificate.Dispose();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => transport.OpenAsync());

        Assert.Contains("certificate", error.Message, StringComparison.Ordinal);
        await using var next = new TcpTransport(new TcpTransportOptions { Host = "127.0.0.1", Port = port });
        await next.OpenAsync();
    }

    [Fact]
    public void A_certificate_without_its_key_is_an_error()
    {
        var tls = _authority.Node();

        var error = Assert.Throws<InvalidOperationException>(() => new TcpTransport(new TcpTransportOptions { Tls = tls with { Certificate = tls.Authority.HasPrivateKey ? System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(tls.Certificate.RawData) : tls.Authority } }));

        Assert.Contains("private key", error.Message, StringComparison.Ordinal);
    }
}

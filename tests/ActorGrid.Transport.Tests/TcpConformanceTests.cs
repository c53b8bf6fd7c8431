using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorGrid.Cluster;
using ActorGrid.Conformance;

namespace ActorGrid.Transport.Tests;

/// <summary>TCP without TLS.</summary>
public class TcpConformanceTests : TransportConformance
{
    protected virtual TlsOptions? Tls => null;

    protected override Task<ITransport> NewServerAsync() => OpenAsync(new TcpTransportOptions { Host = "127.0.0.1", Tls = Tls });

    protected override Task<ITransport> NewClientAsync() => OpenAsync(new TcpTransportOptions { Tls = Tls });

    protected override string DeadEndpoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}");
    }

    private static async Task<ITransport> OpenAsync(TcpTransportOptions options)
    {
        var transport = new TcpTransport(options);
        await transport.OpenAsync();
        return transport;
    }
}

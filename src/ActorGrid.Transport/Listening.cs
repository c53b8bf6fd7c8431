using System.Net;
using System.Net.Sockets;

namespace ActorGrid.Transport;

/// <summary>Where a transport listens.</summary>
internal static class Listening
{
    /// <summary>Finds the address to listen on.</summary>
    /// <exception cref="InvalidOperationException">There is no such address, or it must not be listened on.</exception>
    public static async Task<IPAddress> FindAsync(TcpTransportOptions options, CancellationToken cancellationToken)
    {
        string host = options.Host!;
        if (!IPAddress.TryParse(host, out var address))
        {
            try
            {
                var found = await Dns.GetHostAddressesAsync(host, cancellationToken);
                // Where a name means both, peers that know only the older protocol are served too.
                address = found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault();
            }
            catch (SocketException e)
            {
                throw new InvalidOperationException($"The host '{host}' is not known: give the node a name or an address of this machine to listen on.", e);
            }
        }
        if (address is null) throw new InvalidOperationException($"The host '{host}' has no address.");
        if (options.AdvertisedHost is null && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            throw new InvalidOperationException($"'{host}' is all addresses of this host, and none that a peer could dial: set {nameof(TcpTransportOptions.AdvertisedHost)}, the name or address that peers dial.");
        }
        if (options.Tls is null && !options.AllowPlaintextBeyondLoopback && !IPAddress.IsLoopback(address))
        {
            throw new InvalidOperationException(
                $"Without TLS whoever reaches '{host}' can read and change everything, so only loopback is listened on: " +
                $"give the node certificates for TLS ({nameof(TcpTransportOptions.Tls)}; of a grid, UseTls), listen on 127.0.0.1, or, on a network that you trust, set {nameof(TcpTransportOptions.AllowPlaintextBeyondLoopback)}.");
        }
        return address;
    }

    /// <summary>Begins to listen; nothing is accepted yet.</summary>
    /// <exception cref="InvalidOperationException">The port is taken, or the address is not this machine's.</exception>
    public static Socket Open(IPAddress address, TcpTransportOptions options, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, options.Port));
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new InvalidOperationException(
                $"Cannot listen on {Address.Join(options.Host!, options.Port)}: {e.Message}. Give the node a free port (0: any) and an address of this machine.", e);
        }
    }
}

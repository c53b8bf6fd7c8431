using System.Buffers.Binary;
using System.Net.Sockets;

namespace ActorGrid.Transport;

/// <summary>How the sockets of links are set.</summary>
internal static class SocketTuning
{
    private const int ProtocolTcp = 6;
    private const int TcpUserTimeout = 18;
    private const int Probes = 3;

    /// <summary>Nothing waits to be sent together with more; a host that does not answer for so long ends the connection, whether something is on its way
    /// to it (where the operating system can do that) or not.</summary>
    public static void Apply(Socket socket, TimeSpan silenceTimeout)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        int interval = Math.Max(1, (int)silenceTimeout.TotalSeconds / (Probes + 1));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, interval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, interval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (!OperatingSystem.IsLinux()) return;
        Span<byte> milliseconds = stackalloc byte[4];
        if (BitConverter.IsLittleEndian) BinaryPrimitives.WriteInt32LittleEndian(milliseconds, (int)silenceTimeout.TotalMilliseconds);
        else BinaryPrimitives.WriteInt32BigEndian(milliseconds, (int)silenceTimeout.TotalMilliseconds);
        socket.SetRawSocketOption(ProtocolTcp, TcpUserTimeout, milliseconds);
    }
}

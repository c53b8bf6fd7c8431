using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using ActorGrid.Cluster;

namespace ActorGrid.Transport.Tests;

/// <summary>Somebody who speaks to a node byte by byte.</summary>
internal sealed class RawPeer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawPeer> ConnectAsync(EndPoint to, string? from = null)
    {
        var peer = new RawPeer();
        if (from is not null) peer._socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await peer._socket.ConnectAsync(to).WaitAsync(Patience);
        return peer;
    }

    /// <summary>Opens the control connection of a link, up to the token.</summary>
    public static async Task<(RawPeer Control, Guid Token)> ControlAsync(TestNode node, string? from = null)
    {
        var control = await ConnectAsync(node.EndPoint, from);
        await control.SendAsync(PreambleOf(Lane.Control));
        await control.ReceiveAsync(Preamble.Length);
        await control.SendAsync(HelloCodec.OfNode(new NodeHello(node.Hello.Grid, Guid.NewGuid(), "raw", "")));
        return (control, HelloCodec.ReadNodeAndToken(await control.GreetingAsync()).Token);
    }

    /// <summary>Opens a link.</summary>
    public static async Task<(RawPeer Control, RawPeer Data)> LinkAsync(TestNode node, string? from = null)
    {
        var (control, token) = await ControlAsync(node, from);
        var data = await DataAsync(node, token);
        HelloCodec.ReadOutcome(await data.GreetingAsync());
        return (control, data);
    }

    /// <summary>Says that it is the data connection of a link.</summary>
    public static async Task<RawPeer> DataAsync(TestNode node, Guid token)
    {
        var data = await ConnectAsync(node.EndPoint);
        await data.SendAsync(PreambleOf(Lane.Data));
        await data.ReceiveAsync(Preamble.Length);
        await data.SendAsync(HelloCodec.OfToken(token));
        return data;
    }

    public static byte[] PreambleOf(Lane lane, bool hasTls = false)
    {
        byte[] bytes = new byte[Preamble.Length];
        Preamble.Of(lane, hasTls).Write(bytes);
        return bytes;
    }

    public bool HasEnded => _socket.Poll(0, SelectMode.SelectRead) && (_socket.Available == 0);

    /// <summary>False if the other side has closed.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(Patience)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async Task<byte[]> ReceiveAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int got = await _socket.ReceiveAsync(bytes.AsMemory(at)).AsTask().WaitAsync(Patience);
            if (got == 0) throw new EndOfStreamException();
            at += got;
        }
        return bytes;
    }

    public async Task<byte[]> GreetingAsync() => await ReceiveAsync(BinaryPrimitives.ReadUInt16BigEndian(await ReceiveAsync(2)));

    /// <summary>Reads until the other side closes.</summary>
    public async Task EndAsync()
    {
        byte[] bytes = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(bytes).WaitAsync(Patience) > 0)
            {
                // What it still says does not matter.
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>Sends nothing more.</summary>
    public void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is closed on the other side.
        }
    }

    public void Dispose() => _socket.Dispose();
}

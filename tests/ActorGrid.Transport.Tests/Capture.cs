using System.Net;
using System.Net.Sockets;
using ActorGrid.Cluster;

namespace ActorGrid.Transport.Tests;

/// <summary>What a dialler has sent, recorded on its way to a node: each connection of the link, the control connection first.</summary>
internal sealed record Capture(byte[][] Connections)
{
    /// <summary>Records real traffic: a link, frames of many lengths on both lanes, and its end.</summary>
    public static async Task<Capture> OfTrafficAsync(TestNode node)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var recording = RecordAsync(listener, node.EndPoint);
        await using var client = await TestNode.ClientAsync();
        int before = node.Receiver.FrameCount;
        client.Transport.Dial(listener.LocalEndPoint!.ToString()!);
        var link = await client.Receiver.LinkAsync();
        int[] lengths = [0, 1, 20, 100, 1000, 5000, 70_000];
        foreach (int length in lengths)
        {
            Assert.True(link.Send(new byte[length], Lane.Data));
            Assert.True(link.Send(new byte[Math.Min(length, 100)], Lane.Control));
        }
        await node.Receiver.FrameCountAsync(before + (2 * lengths.Length));
        link.Close();
        return new Capture(await recording.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static async Task<byte[][]> RecordAsync(Socket listener, EndPoint to)
    {
        var first = PassOnAsync(await listener.AcceptAsync(), to);
        var second = PassOnAsync(await listener.AcceptAsync(), to);
        return await Task.WhenAll(first, second);
    }

    private static async Task<byte[]> PassOnAsync(Socket near, EndPoint to)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await far.ConnectAsync(to);
        using var recorded = new MemoryStream();
        await Task.WhenAll(CopyAsync(near, far, recorded), CopyAsync(far, near, recorded: null));
        near.Dispose();
        return recorded.ToArray();
    }

    private static async Task CopyAsync(Socket from, Socket to, MemoryStream? recorded)
    {
        byte[] bytes = new byte[4096];
        try
        {
            for (int count; (count = await from.ReceiveAsync(bytes)) > 0;)
            {
                recorded?.Write(bytes, 0, count);
                await to.SendAsync(bytes.AsMemory(0, count));
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The link has closed: the recording ends here.
            to.Close();
        }
        catch (ObjectDisposedException)
        {
            from.Close();
        }
    }
}

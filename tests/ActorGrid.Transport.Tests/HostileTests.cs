using System.Diagnostics.Metrics;
using System.Net.Sockets;
using ActorGrid.Cluster;

namespace ActorGrid.Transport.Tests;

/// <summary>Whoever does not come as a node should is refused, counted and logged; the others are served.</summary>
public sealed class HostileTests
{
    private static readonly TcpTransportOptions Impatient = new() { HandshakeTimeout = TimeSpan.FromMilliseconds(200) };

    [Fact]
    public async Task Who_begins_as_no_node_does_is_refused_and_counted()
    {
        long refused = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == TransportMeter.Name && instrument.Name == "actorgrid.transport.refused") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, n, _, _) => Interlocked.Add(ref refused, n));
        listener.Start();
        await using var node = await TestNode.ServerAsync();

        for (int i = 0; i < 10; i++)
        {
            using var peer = await RawPeer.ConnectAsync(node.EndPoint);
            await peer.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await peer.EndAsync();
        }

        await node.CheckServesAsync();
        await node.Log.HasAsync(nameof(Refusal.Malformed));
        Assert.Equal(1, node.Log.Count(nameof(Refusal.Malformed)));
        Assert.InRange(Volatile.Read(ref refused), 10, long.MaxValue);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task Who_is_slow_is_cut_off(int bytes)
    {
        await using var node = await TestNode.ServerAsync(Impatient);
        using var peer = await RawPeer.ConnectAsync(node.EndPoint);
        byte[] begin = [.. RawPeer.PreambleOf(Lane.Control), 0, 0];

        await peer.SendAsync(begin.AsMemory(0, bytes));

        await peer.EndAsync();
        await node.Log.HasAsync(nameof(Refusal.Slow));
        await node.CheckServesAsync();
    }

    [Fact]
    public async Task A_control_connection_whose_data_connection_does_not_come_is_cut_off()
    {
        await using var node = await TestNode.ServerAsync(Impatient);

        var (control, token) = await RawPeer.ControlAsync(node);
        await control.EndAsync();
        control.Dispose();
        using var late = await RawPeer.DataAsync(node, token);
        await late.EndAsync();

        await node.Log.HasAsync(nameof(Refusal.Slow));
        await node.Log.HasAsync(nameof(Refusal.UnknownLink));
        Assert.Equal(0, node.Receiver.OpenedCount);
    }

    [Fact]
    public async Task A_greeting_longer_than_any_is_refused_before_it_comes()
    {
        await using var node = await TestNode.ServerAsync();
        using var peer = await RawPeer.ConnectAsync(node.EndPoint);

        await peer.SendAsync((byte[])[.. RawPeer.PreambleOf(Lane.Control), 0xFF, 0xFF]);

        await peer.EndAsync();
        await node.Log.HasAsync("65535 bytes");
    }

    [Fact]
    public async Task Another_version_is_told_which_one_this_is()
    {
        await using var node = await TestNode.ServerAsync();
        using var peer = await RawPeer.ConnectAsync(node.EndPoint);
        byte[] begin = RawPeer.PreambleOf(Lane.Control);
        begin[4] = 9;

        await peer.SendAsync(begin);

        var answer = Preamble.Read(await peer.ReceiveAsync(Preamble.Length));
        Assert.Equal((Preamble.PresentVersion, (byte)Refusal.Version), (answer.Version, answer.Code));
        await peer.EndAsync();
        await node.Log.HasAsync("version 9");
    }

    [Fact]
    public async Task A_data_connection_joins_only_the_link_that_waits_for_it_and_only_once()
    {
        await using var node = await TestNode.ServerAsync();
        using var stranger = await RawPeer.DataAsync(node, Guid.NewGuid());
        Assert.Equal((byte)Refusal.UnknownLink, Assert.Single(await stranger.GreetingAsync()));

        var (control, token) = await RawPeer.ControlAsync(node);
        using var data = await RawPeer.DataAsync(node, token);
        HelloCodec.ReadOutcome(await data.GreetingAsync());
        using var again = await RawPeer.DataAsync(node, token);
        Assert.Equal((byte)Refusal.UnknownLink, Assert.Single(await again.GreetingAsync()));

        await node.Receiver.LinkAsync();
        Assert.Equal(1, node.Receiver.OpenedCount);
        control.Dispose();
    }

    [Fact]
    public async Task What_was_recorded_of_a_link_opens_none()
    {
        await using var node = await TestNode.ServerAsync(new TcpTransportOptions { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        var capture = await Capture.OfTrafficAsync(node);
        int opened = node.Receiver.OpenedCount;

        foreach (byte[] connection in capture.Connections)
        {
            using var peer = await RawPeer.ConnectAsync(node.EndPoint);
            await peer.SendAsync(connection);
            peer.Finish();
            await peer.EndAsync();
        }

        await node.Log.HasAsync(nameof(Refusal.UnknownLink));
        Assert.Equal(opened, node.Receiver.OpenedCount);
    }

    [Fact]
    public async Task A_logger_that_throws_does_not_end_the_accepting()
    {
        await using var node = await TestNode.ServerAsync(new TcpTransportOptions { HandshakesMax = 1 });
        node.Log.ThrowAt(nameof(Refusal.Displaced));
        var (control, _) = await RawPeer.ControlAsync(node);

        using var next = await RawPeer.ConnectAsync(node.EndPoint);
        await control.EndAsync();

        await node.Log.HasAsync("Connections cannot be accepted");
        await node.CheckServesAsync();
        control.Dispose();
    }

    [Fact]
    public async Task Each_client_that_sends_what_cannot_be_is_logged_by_where_it_comes_from()
    {
        await using var node = await TestNode.ServerAsync();
        foreach (string from in new[] { "127.0.0.1", "127.0.0.2", "127.0.0.1" })
        {
            var (control, data) = await RawPeer.LinkAsync(node, from);
            await data.SendAsync(Header(0x7FFF_FFFF));
            await control.EndAsync();
            data.Dispose();
            control.Dispose();
        }

        await node.Log.HasAsync("at 127.0.0.2 was disconnected");
        Assert.Equal(2, node.Log.Count("was disconnected"));
    }

    [Theory]
    [InlineData(0x0001_0001u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(0x8000_FFFFu)]
    public async Task A_length_that_cannot_be_ends_the_link(uint header)
    {
        await using var node = await TestNode.ServerAsync();
        var (control, data) = await RawPeer.LinkAsync(node);
        var link = await node.Receiver.LinkAsync();

        await data.SendAsync(Header(header));

        await node.Receiver.ClosedAsync(link);
        await control.EndAsync();
        await data.EndAsync();
        await node.Log.HasAsync("was disconnected");
        data.Dispose();
        control.Dispose();
    }

    [Theory]
    [InlineData(Lane.Control)]
    [InlineData(Lane.Data)]
    public async Task A_message_that_never_ends_ends_the_link(Lane lane)
    {
        await using var node = await TestNode.ServerAsync();
        var (control, data) = await RawPeer.LinkAsync(node);
        var link = await node.Receiver.LinkAsync();
        byte[] piece = [.. Header(FrameFormat.MoreFollows | FrameFormat.PieceBytesMax), .. new byte[FrameFormat.PieceBytesMax]];

        int pieces = 0;
        while (pieces < 1000 && await (lane == Lane.Data ? data : control).SendAsync(piece)) pieces++;

        Assert.InRange(pieces, 1, 999);
        await node.Receiver.ClosedAsync(link);
        await node.Log.HasAsync($"more than {FrameFormat.MessageBytesMax} bytes");
        data.Dispose();
        control.Dispose();
    }

    [Fact]
    public async Task Many_that_each_send_half_a_message_do_not_fill_the_memory()
    {
        const int Pieces = 200, Links = 12;
        await using var node = await TestNode.ServerAsync(new TcpTransportOptions { IncomingBytesMax = 64 << 20 });
        byte[] piece = [.. Header(FrameFormat.MoreFollows | FrameFormat.PieceBytesMax), .. new byte[FrameFormat.PieceBytesMax]];
        var links = new List<(RawPeer Control, RawPeer Data)>();
        for (int i = 0; i < Links; i++) links.Add(await RawPeer.LinkAsync(node));

        foreach (var (_, data) in links)
        {
            for (int i = 0; i < Pieces && await data.SendAsync(piece); i++)
            {
                // On until it is refused.
            }
        }

        await node.Log.HasAsync("on all links already");
        await node.CheckServesAsync();
        links.ForEach(l =>
        {
            l.Control.Dispose();
            l.Data.Dispose();
        });
    }

    [Fact]
    public async Task The_end_of_either_connection_is_the_end_of_the_link()
    {
        await using var node = await TestNode.ServerAsync();

        var (control, data) = await RawPeer.LinkAsync(node);
        var link = await node.Receiver.LinkAsync(1);
        control.Dispose();
        await node.Receiver.ClosedAsync(link);
        await data.EndAsync();
        data.Dispose();

        (control, data) = await RawPeer.LinkAsync(node);
        link = await node.Receiver.LinkAsync(2);
        data.Dispose();
        await node.Receiver.ClosedAsync(link);
        await control.EndAsync();
        control.Dispose();
    }

    [Fact]
    public async Task Thousands_that_only_connect_take_a_bounded_room_and_do_not_keep_others_out()
    {
        const int Room = 50, Crowd = 2000;
        await using var node = await TestNode.ServerAsync(new TcpTransportOptions { HandshakesMax = Room, HandshakeTimeout = TimeSpan.FromMinutes(1) });
        var crowd = new List<RawPeer>();
        try
        {
            for (int i = 0; i < Crowd; i++) crowd.Add(await RawPeer.ConnectAsync(node.EndPoint));

            await node.CheckServesAsync();
            foreach (var peer in crowd.Take(Crowd - Room)) await peer.EndAsync();
            Assert.InRange(crowd.Count(p => !p.HasEnded), 1, Room);
            await node.Log.HasAsync(nameof(Refusal.Displaced));
            Assert.Equal(1, node.Log.Count(nameof(Refusal.Displaced)));
        }
        finally
        {
            crowd.ForEach(p => p.Dispose());
        }
    }

    [Fact]
    public async Task More_links_than_allowed_are_refused()
    {
        await using var node = await TestNode.ServerAsync(new TcpTransportOptions { AcceptedLinksMax = 1 });
        await using var first = await TestNode.ClientAsync();
        await using var second = await TestNode.ClientAsync();
        var (near, _) = await first.LinkToAsync(node);

        second.Transport.Dial(node.Transport.Endpoint);

        Assert.Equal(DialFailure.Unreachable, await second.Receiver.FailureAsync(node.Transport.Endpoint));
        Assert.True(near.Send([1], Lane.Data));
    }

    [Fact]
    public async Task Who_accepts_and_says_nothing_is_unreachable()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        silent.Listen();
        await using var node = await TestNode.ClientAsync(Impatient);
        string endpoint = silent.LocalEndPoint!.ToString()!;

        node.Transport.Dial(endpoint);

        Assert.Equal(DialFailure.Unreachable, await node.Receiver.FailureAsync(endpoint));
    }

    [Fact]
    public async Task Who_listens_there_and_is_no_node_is_no_witness()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        other.Listen();
        await using var node = await TestNode.ClientAsync();
        string endpoint = other.LocalEndPoint!.ToString()!;

        node.Transport.Dial(endpoint);
        using var taken = await other.AcceptAsync();
        await taken.SendAsync("220 mail.example.com ESMTP\r\n"u8.ToArray());

        Assert.Equal(DialFailure.Unreachable, await node.Receiver.FailureAsync(endpoint));
        await node.Log.HasAsync("does not begin as a node does");
    }

    [Fact]
    public async Task What_is_said_of_another_grid_before_there_is_TLS_is_no_witness()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        other.Listen();
        await using var node = await TestNode.ClientAsync();
        string endpoint = other.LocalEndPoint!.ToString()!;
        byte[] refusal = new byte[Preamble.Length];
        Preamble.Of(Refusal.Foreign, hasTls: true).Write(refusal);

        node.Transport.Dial(endpoint);
        using var taken = await other.AcceptAsync();
        await taken.SendAsync(refusal);

        Assert.Equal(DialFailure.Unreachable, await node.Receiver.FailureAsync(endpoint));
        await node.Log.HasAsync("not to be said there");
    }

    private static byte[] Header(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}

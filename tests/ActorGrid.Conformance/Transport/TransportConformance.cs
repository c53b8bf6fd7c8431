using ActorGrid.Cluster;

namespace ActorGrid.Conformance;

/// <summary>What every transport holds to.</summary>
public abstract class TransportConformance : IAsyncLifetime
{
    private readonly List<ITransport> _transports = [];
    private readonly List<RecordingReceiver> _receivers = [];

    /// <summary>A transport that peers can dial, ready for <see cref="ITransport.Start"/>.</summary>
    protected abstract Task<ITransport> NewServerAsync();

    /// <summary>A transport that dials only.</summary>
    protected abstract Task<ITransport> NewClientAsync();

    /// <summary>An endpoint where nobody listens.</summary>
    protected abstract string DeadEndpoint();

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (var transport in _transports) await transport.DisposeAsync();
        foreach (var receiver in _receivers) receiver.Check();
    }

    [Fact]
    public async Task A_link_opens_on_both_sides_and_each_learns_who_the_other_is()
    {
        var (a, b) = (await ServerAsync("a"), await ServerAsync("b"));

        a.Transport.Dial(b.Transport.Endpoint);

        var (near, far) = (await a.Receiver.LinkAsync(), await b.Receiver.LinkAsync());
        Assert.Equal((b.Hello, b.Transport.Endpoint), (near.Peer, near.DialledEndpoint));
        Assert.Equal((a.Hello, null), (far.Peer, far.DialledEndpoint));
    }

    [Fact]
    public async Task A_client_has_no_endpoint_and_dials()
    {
        var (client, server) = (await ClientAsync("client"), await ServerAsync("server"));
        Assert.Equal("", client.Transport.Endpoint);

        client.Transport.Dial(server.Transport.Endpoint);

        Assert.Equal(client.Hello, (await server.Receiver.LinkAsync()).Peer);
        var link = await client.Receiver.LinkAsync();
        Assert.True(link.Send([1, 2, 3], Lane.Data));
        Assert.Equal([1, 2, 3], (await server.Receiver.FramesAsync(1))[0]);
    }

    [Theory]
    [InlineData(Lane.Data)]
    [InlineData(Lane.Control)]
    public async Task Frames_of_a_lane_arrive_in_order_and_once_both_ways(Lane lane)
    {
        var (near, far, a, b) = await LinkedAsync();
        const int Count = 5000;

        await Task.WhenAll(
            Task.Run(() => SendNumbers(near, lane, Count)),
            Task.Run(() => SendNumbers(far, lane, Count)));

        Assert.Equal(Enumerable.Range(0, Count), (await b.FramesAsync(Count, lane)).Select(f => BitConverter.ToInt32(f)));
        Assert.Equal(Enumerable.Range(0, Count), (await a.FramesAsync(Count, lane)).Select(f => BitConverter.ToInt32(f)));
    }

    [Theory]
    [InlineData(Lane.Data)]
    [InlineData(Lane.Control)]
    public async Task Frames_of_every_length_arrive_whole(Lane lane)
    {
        var (near, _, _, b) = await LinkedAsync();
        int[] lengths = [0, 1, 3, 4, 5, 100, 4095, 4096, 4097, 65_531, 65_532, 65_535, 65_536, 65_537, 131_072, 131_073, 1 << 20, (16 << 20) + 4096];
        var frames = lengths.Select((length, i) => Pattern(length, i)).ToList();

        foreach (byte[] frame in frames) await SendAsync(near, frame, lane);

        var came = await b.FramesAsync(frames.Count, lane);
        Assert.Equal(frames.Count, came.Count);
        Assert.All(frames.Zip(came), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second), $"A frame of {pair.First.Length} bytes has changed."));
    }

    [Fact]
    public async Task Frames_from_many_threads_arrive_each_thread_in_order()
    {
        var (near, _, _, b) = await LinkedAsync();
        const int Threads = 4, Count = 2000;

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++) await SendAsync(near, [(byte)t, .. BitConverter.GetBytes(i)], Lane.Data);
        })));

        var frames = await b.FramesAsync(Threads * Count);
        Assert.All(Enumerable.Range(0, Threads), t =>
            Assert.Equal(Enumerable.Range(0, Count), frames.Where(f => f[0] == t).Select(f => BitConverter.ToInt32(f, 1))));
    }

    [Fact]
    public async Task A_frame_is_copied_before_send_returns()
    {
        var (near, _, _, b) = await LinkedAsync();
        byte[] frame = new byte[100];
        for (byte i = 0; i < 100; i++)
        {
            frame.AsSpan().Fill(i);
            await SendAsync(near, frame, Lane.Data);
        }

        var frames = await b.FramesAsync(100);
        Assert.Equal(Enumerable.Range(0, 100), frames.Select(f => (int)f[0]));
        Assert.All(frames, f => Assert.All(f, x => Assert.Equal(f[0], x)));
    }

    [Fact]
    public async Task A_peer_that_does_not_take_pushes_back_and_control_goes_past()
    {
        var (near, far, _, b) = await LinkedAsync();
        using var release = new ManualResetEventSlim();
        b.OnFrameCame = (_, _, lane) =>
        {
            // For the test only: a receiver must not block.
            if (lane == Lane.Data) release.Wait(TimeSpan.FromSeconds(30));
        };
        byte[] large = new byte[1 << 20];

        int taken = await Task.Run(() =>
        {
            int count = 0;
            while (count < 1000 && near.Send(large, Lane.Data)) count++;
            return count;
        });
        Assert.InRange(taken, 1, 999);
        if (TellsLanesApart)
        {
            Assert.True(near.Send([7], Lane.Control));
            Assert.Equal([7], (await b.FramesAsync(1, Lane.Control))[0]);
        }

        release.Set();
        Assert.Equal(taken, (await b.FramesAsync(taken)).Count);
        await SendAsync(near, [1], Lane.Data);
        await b.FramesAsync(taken + 1);
        Assert.NotNull(far);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_sides_see_a_link_close_and_send_on_it_no_more(bool byDialler)
    {
        var (near, far, a, b) = await LinkedAsync();

        (byDialler ? near : far).Close();
        (byDialler ? near : far).Close();

        await a.ClosedAsync(near);
        await b.ClosedAsync(far);
        Assert.False(near.Send([1], Lane.Data));
        Assert.False(far.Send([1], Lane.Control));
    }

    [Fact]
    public async Task A_link_may_be_closed_by_who_is_told_of_a_frame()
    {
        var (near, far, a, b) = await LinkedAsync();
        b.OnFrameCame = (link, _, _) => link.Close();

        Assert.True(near.Send([1], Lane.Data));

        await a.ClosedAsync(near);
        await b.ClosedAsync(far);
    }

    [Fact]
    public async Task The_end_of_a_transport_closes_its_links()
    {
        var (a, b) = (await ServerAsync("a"), await ServerAsync("b"));
        a.Transport.Dial(b.Transport.Endpoint);
        var (near, far) = (await a.Receiver.LinkAsync(), await b.Receiver.LinkAsync());

        await b.Transport.DisposeAsync();
        await b.Transport.DisposeAsync();

        await a.Receiver.ClosedAsync(near);
        await b.Receiver.ClosedAsync(far);
        a.Transport.Dial(b.Transport.Endpoint);
        Assert.Equal(DialFailure.Refused, await a.Receiver.FailureAsync(b.Transport.Endpoint));
    }

    [Fact]
    public async Task Nobody_listening_is_a_refusal()
    {
        var a = await ServerAsync("a");
        string endpoint = DeadEndpoint();

        a.Transport.Dial(endpoint);

        Assert.Equal(DialFailure.Refused, await a.Receiver.FailureAsync(endpoint));
    }

    [Fact]
    public async Task Another_grid_is_foreign()
    {
        var (a, b) = (await ServerAsync("a"), await ServerAsync("b", "another"));

        a.Transport.Dial(b.Transport.Endpoint);

        Assert.Equal(DialFailure.Foreign, await a.Receiver.FailureAsync(b.Transport.Endpoint));
        Assert.Equal(0, b.Receiver.OpenedCount);
    }

    [Fact]
    public async Task A_new_incarnation_closes_the_links_of_the_earlier_one_and_makes_its_own()
    {
        var (a, b) = (await ServerAsync("a"), await ServerAsync("b"));
        a.Transport.Dial(b.Transport.Endpoint);
        var (near, far) = (await a.Receiver.LinkAsync(), await b.Receiver.LinkAsync());

        var (hello, receiver) = (Hello("b", b.Transport.Endpoint), NewReceiver());
        b.Transport.Start(hello, receiver);
        await a.Receiver.ClosedAsync(near);
        await b.Receiver.ClosedAsync(far);

        a.Transport.Dial(b.Transport.Endpoint);
        Assert.Equal(hello, (await a.Receiver.LinkAsync(2)).Peer);
        await receiver.LinkAsync();
        Assert.Equal(1, b.Receiver.OpenedCount);
    }

    [Fact]
    public async Task A_pair_may_have_two_links()
    {
        var (a, b) = (await ServerAsync("a"), await ServerAsync("b"));

        a.Transport.Dial(b.Transport.Endpoint);
        b.Transport.Dial(a.Transport.Endpoint);

        var (first, second) = (await a.Receiver.LinkAsync(1), await a.Receiver.LinkAsync(2));
        first.Close();
        await a.Receiver.ClosedAsync(first);
        Assert.True(second.Send([1], Lane.Data));
        await b.Receiver.FramesAsync(1);
    }

    [Fact]
    public async Task A_nodes_own_endpoint_is_not_to_be_dialled()
    {
        var a = await ServerAsync("a");

        Assert.Throws<ArgumentException>(() => a.Transport.Dial(a.Transport.Endpoint));
    }

    /// <summary>Whether control frames come while the receiver holds up data.</summary>
    protected virtual bool TellsLanesApart => true;

    protected static NodeHello Hello(string name, string endpoint, string grid = "conformance") => new(grid, Guid.NewGuid(), name, endpoint);

    protected Task<Node> ServerAsync(string name, string grid = "conformance") => StartAsync(NewServerAsync(), name, grid);

    protected Task<Node> ClientAsync(string name) => StartAsync(NewClientAsync(), name, "conformance");

    /// <summary>Two nodes with a link: both its ends, and who is told of them.</summary>
    protected async Task<(ILink Near, ILink Far, RecordingReceiver A, RecordingReceiver B)> LinkedAsync()
    {
        var (a, b) = (await ServerAsync("a"), await ServerAsync("b"));
        a.Transport.Dial(b.Transport.Endpoint);
        return (await a.Receiver.LinkAsync(), await b.Receiver.LinkAsync(), a.Receiver, b.Receiver);
    }

    protected RecordingReceiver NewReceiver()
    {
        var receiver = new RecordingReceiver();
        _receivers.Add(receiver);
        return receiver;
    }

    /// <summary>Sends as soon as there is room.</summary>
    protected static async Task SendAsync(ILink link, byte[] frame, Lane lane)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!link.Send(frame, lane))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static void SendNumbers(ILink link, Lane lane, int count)
    {
        for (int i = 0; i < count; i++) SendAsync(link, BitConverter.GetBytes(i), lane).Wait();
    }

    private static byte[] Pattern(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<Node> StartAsync(Task<ITransport> opening, string name, string grid)
    {
        var transport = await opening;
        _transports.Add(transport);
        var node = new Node(transport, Hello(name, transport.Endpoint, grid), NewReceiver());
        transport.Start(node.Hello, node.Receiver);
        return node;
    }

    protected sealed record Node(ITransport Transport, NodeHello Hello, RecordingReceiver Receiver);
}

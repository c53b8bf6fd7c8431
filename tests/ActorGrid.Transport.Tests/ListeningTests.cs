using ActorGrid.Cluster;
using ActorGrid.Conformance;

namespace ActorGrid.Transport.Tests;

/// <summary>Where a transport listens, and what it says when it cannot.</summary>
public sealed class ListeningTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:")]
    [InlineData("localhost", "localhost:")]
    public async Task Port_0_is_one_that_is_free(string host, string endpoint)
    {
        await using var transport = new TcpTransport(new TcpTransportOptions { Host = host });

        await transport.OpenAsync();

        Assert.StartsWith(endpoint, transport.Endpoint, StringComparison.Ordinal);
        Assert.NotEqual(0, Address.Split(transport.Endpoint).Port);
    }

    [Fact]
    public async Task Without_TLS_only_loopback_is_listened_on_unless_the_user_says_otherwise()
    {
        var options = new TcpTransportOptions { Host = "0.0.0.0", AdvertisedHost = "127.0.0.1" };
        await using var refused = new TcpTransport(options);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => refused.OpenAsync());
        Assert.Contains(nameof(TcpTransportOptions.AllowPlaintextBeyondLoopback), error.Message, StringComparison.Ordinal);

        await using var allowed = new TcpTransport(options with { AllowPlaintextBeyondLoopback = true });
        await allowed.OpenAsync();
        Assert.StartsWith("127.0.0.1:", allowed.Endpoint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_nobody_beyond_loopback_is_dialled_unless_the_user_says_otherwise()
    {
        // Kept for documentation: nobody has it.
        const string Endpoint = "192.0.2.1:5300";
        await using var client = await TestNode.ClientAsync();

        client.Transport.Dial(Endpoint);

        Assert.Equal(DialFailure.Unreachable, await client.Receiver.FailureAsync(Endpoint));
        await client.Log.HasAsync(nameof(TcpTransportOptions.AllowPlaintextBeyondLoopback));
        await using var allowed = await TestNode.ClientAsync(new TcpTransportOptions { AllowPlaintextBeyondLoopback = true, HandshakeTimeout = TimeSpan.FromMilliseconds(50) });
        allowed.Transport.Dial(Endpoint);
        // What comes of it is the network's affair.
        await allowed.Receiver.FailureAsync(Endpoint);
        Assert.Equal(0, allowed.Log.Count(nameof(TcpTransportOptions.AllowPlaintextBeyondLoopback)));
    }

    [Fact]
    public async Task All_addresses_are_none_that_could_be_dialled()
    {
        await using var transport = new TcpTransport(new TcpTransportOptions { Host = "0.0.0.0", AllowPlaintextBeyondLoopback = true });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => transport.OpenAsync());

        Assert.Contains(nameof(TcpTransportOptions.AdvertisedHost), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_that_names_it()
    {
        await using var first = new TcpTransport(new TcpTransportOptions { Host = "127.0.0.1" });
        await first.OpenAsync();
        int port = Address.Split(first.Endpoint).Port;
        await using var second = new TcpTransport(new TcpTransportOptions { Host = "127.0.0.1", Port = port });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => second.OpenAsync());

        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_opened_before_it_is_started()
    {
        await using var transport = new TcpTransport(new TcpTransportOptions());

        Assert.Throws<InvalidOperationException>(() => transport.Start(new NodeHello("grid", Guid.NewGuid(), "a", ""), new RecordingReceiver()));
    }

    [Fact]
    public async Task A_frame_above_the_cap_is_the_senders_error()
    {
        await using var server = await TestNode.ServerAsync();
        await using var client = await TestNode.ClientAsync();
        var (near, _) = await client.LinkToAsync(server);

        var error = Assert.Throws<ArgumentException>(() => near.Send(new byte[FrameFormat.MessageBytesMax + 1], Lane.Data));

        Assert.Contains($"{FrameFormat.MessageBytesMax}", error.Message, StringComparison.Ordinal);
        Assert.True(near.Send([1], Lane.Data));
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData(":5300")]
    [InlineData("::1:5300")]
    public async Task What_is_no_endpoint_is_unreachable_and_said_so(string endpoint)
    {
        await using var client = await TestNode.ClientAsync();

        client.Transport.Dial(endpoint);

        Assert.Equal(DialFailure.Unreachable, await client.Receiver.FailureAsync(endpoint));
        await client.Log.HasAsync("is no endpoint");
    }

    [Fact]
    public async Task A_name_is_dialled_at_each_of_its_addresses()
    {
        await using var server = await TestNode.ServerAsync();
        await using var client = await TestNode.ClientAsync();
        string endpoint = $"localhost:{server.Port}";

        client.Transport.Dial(endpoint);

        Assert.Equal(endpoint, (await client.Receiver.LinkAsync()).DialledEndpoint);
    }
}

using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using ActorGrid.Cluster;

namespace ActorGrid.Transport.Tests;

/// <summary>Real traffic, recorded and damaged, sent to a node again: it takes it or refuses it, and goes on. Three seconds, or as long as
/// ACTORGRID_FUZZ_SECONDS says; the rounds are the same each time.</summary>
public sealed class FuzzTests
{
    private const int RoundsPerCheck = 200;
    private const long BytesMax = 300L << 20;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("ACTORGRID_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out int seconds) ? seconds : 3);

    [Fact]
    public async Task A_node_survives_damaged_traffic()
    {
        await using var node = await TestNode.ServerAsync(new TcpTransportOptions { HandshakesMax = 32, HandshakeTimeout = TimeSpan.FromSeconds(1) });
        var capture = await Capture.OfTrafficAsync(node);
        var clock = Stopwatch.StartNew();
        for (int round = 0; clock.Elapsed < Duration / 2; round++)
        {
            var random = new Random(round);
            try
            {
                await SendDamagedAsync(node, capture, random);
                if (round % RoundsPerCheck != 0) continue;
                await node.CheckServesAsync();
                node.Receiver.ForgetFrames();
                Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, BytesMax);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Round {round}: {e.Message}", e);
            }
        }
        await node.CheckServesAsync();
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        byte[] node = HelloCodec.OfNode(new NodeHello("grid", Guid.Parse("00000001-0000-0000-0000-000000000000"), "nœud", "10.0.0.1:5300"));
        byte[] answer = HelloCodec.OfNode(new NodeHello("grid", Guid.Parse("00000001-0000-0000-0000-000000000000"), "", ""), Guid.Empty);
        byte[] frames = [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0x80, 1, 0, 0, .. new byte[65_536], 0, 0, 0, 1, 5];
        var clock = Stopwatch.StartNew();
        for (int round = 0; clock.Elapsed < Duration / 2; round++)
        {
            var random = new Random(round);
            byte[] hello = Mutation.Of(node, random), accepted = Mutation.Of(answer, random), damaged = Mutation.Of(frames, random);
            OrRefuse(() => HelloCodec.ReadNode(hello.AsSpan(Math.Min(2, hello.Length))));
            OrRefuse(() => HelloCodec.ReadNodeAndToken(accepted.AsSpan(Math.Min(2, accepted.Length))));
            OrRefuse(() =>
            {
                using var reader = new FrameReader(new ReceiveBudget(64 << 20));
                var input = new ReadOnlySequence<byte>(damaged);
                while (reader.TryRead(ref input, out var message)) Assert.InRange(message.Length, 0, FrameFormat.MessageBytesMax);
            });
        }
    }

    private static void OrRefuse(Action action)
    {
        try
        {
            action();
        }
        catch (RefusedException)
        {
            // As it should.
        }
    }

    /// <summary>Some come to a link, and damage what follows; others damage the beginning.</summary>
    private static async Task SendDamagedAsync(TestNode node, Capture capture, Random random)
    {
        const int DataStart = Preamble.Length + 2 + HelloCodec.TokenBytes;
        var (first, second) = (capture.Connections[0], capture.Connections[1]);
        if (random.Next(2) == 0)
        {
            using var peer = await RawPeer.ConnectAsync(node.EndPoint);
            await peer.SendAsync(Mutation.Of(random.Next(2) == 0 ? first : second, random));
            peer.Finish();
            if (random.Next(8) == 0) await peer.EndAsync();
            return;
        }
        var (control, data) = await RawPeer.LinkAsync(node);
        await data.SendAsync(Mutation.Of(second.AsSpan(DataStart).ToArray(), random));
        int controlStart = first.Length - (first.Length / 4);
        if (random.Next(2) == 0) await control.SendAsync(Mutation.Of(first.AsSpan(controlStart).ToArray(), random));
        data.Finish();
        data.Dispose();
        control.Dispose();
    }
}

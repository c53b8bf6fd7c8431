using System.Buffers;
using System.Diagnostics;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Cluster.Tests;

public sealed class WireCodecTests
{
    [Fact]
    public void Every_message_comes_back_as_it_was_sent() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Messages().ToArbitrary(), message =>
            Assert.Equal(Plain(message), Plain(WireCodec.Decode(Encode(message))))));

    /// <summary>A message that was cut short, lengthened or changed is refused, or is another message that has one encoding only; nothing else
    /// happens.</summary>
    [Fact]
    public void Damaged_bytes_are_refused_or_mean_what_they_say() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Damaged().ToArbitrary(), bytes =>
        {
            WireMessage decoded;
            try
            {
                decoded = WireCodec.Decode(bytes);
            }
            catch (CodecException)
            {
                return;
            }
            Assert.Equal(bytes, Encode(decoded));
        }));

    [Fact]
    public void Every_message_cut_short_is_refused()
    {
        foreach (var message in Gen.Sample(Messages(), 200, 50))
        {
            byte[] whole = Encode(message);
            for (int length = 0; length < whole.Length; length++) Assert.Throws<CodecException>(() => WireCodec.Decode(whole.AsSpan(0, length)));
            Assert.Throws<CodecException>(() => WireCodec.Decode([.. whole, 0]));
        }
    }

    [Fact]
    public void A_length_is_not_trusted_before_it_is_checked()
    {
        byte[] bytes = Encode(new ServiceSent("topics", new byte[4]));
        // The length of the payload, which comes last, says 2 GiB.
        bytes[^8] = 0x7F;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CodecException>(() => WireCodec.Decode(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void What_is_too_large_is_refused_where_it_is_sent()
    {
        byte[] large = new byte[WireLimits.PayloadBytesMax + 1];
        var entity = EntityId.Create("account", "alice");
        Assert.Throws<ArgumentException>(() => Encode(new AskSent(1, entity, "deposit", large, default, 1, 0, false)));
        Assert.Throws<ArgumentException>(() => Encode(new AskAnswered(1, AskStatus.Replied, large, 1)));
        Assert.Throws<ArgumentException>(() => Encode(new ServiceSent("topics", large)));
        Assert.Throws<ArgumentException>(() => Encode(new ServiceSent(new string('s', WireLimits.ServiceBytesMax + 1), default)));
        Assert.Throws<ArgumentException>(() => Encode(new AskSent(1, new EntityId("account", new string('k', 1000)), "deposit", default, default, 1, 0, false)));
    }

    [Fact]
    public void A_key_that_is_half_a_pair_is_refused_on_both_sides()
    {
        Assert.ThrowsAny<ArgumentException>(() => Encode(new AskSent(1, new EntityId("account", "\uD800"), "deposit", default, default, 1, 0, false)));
        byte[] bytes = Encode(new AskSent(1, EntityId.Create("account", "alice"), "deposit", default, default, 1, 0, false));
        bytes[bytes.AsSpan().IndexOf("alice"u8)] = 0xFF;
        Assert.Throws<CodecException>(() => WireCodec.Decode(bytes));
    }

    [Fact]
    public void A_piece_of_states_is_nowhere_before_their_beginning()
    {
        byte[] bytes = Encode(new HandoverSent(new ShardId(3), 2, 7, 5, IsLast: false, new byte[4]));
        Assert.Equal(5, Assert.IsType<HandoverSent>(WireCodec.Decode(bytes)).Position);
        // Behind version, kind, shard, term and offset.
        bytes[2 + 4 + 8 + 8] = 0x80;
        Assert.Throws<CodecException>(() => WireCodec.Decode(bytes));
    }

    [Fact]
    public void Another_version_is_refused_by_name()
    {
        byte[] bytes = Encode(new ViewWanted(7));
        bytes[0] = 2;
        Assert.Contains("version 2", Assert.Throws<CodecException>(() => WireCodec.Decode(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_span_without_an_id_is_no_span()
    {
        byte[] bytes = Encode(new AskSent(1, EntityId.Create("account", "alice"), "deposit", default, default, 1, 0, false, SpanOf([0])));
        int span = bytes.AsSpan().IndexOf((byte[])[.. new byte[15], 1, 1, .. new byte[7]]);
        bytes[span + 15] = 0;
        Assert.Throws<CodecException>(() => WireCodec.Decode(bytes));
    }

    private static byte[] Encode(WireMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        WireCodec.Encode(message, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The message without its payload, and the payload, since memories are compared by where they are.</summary>
    private static (WireMessage Message, string Payload) Plain(WireMessage message) => message switch
    {
        ViewGiven m => (m with { Encoded = default }, Convert.ToHexString(m.Encoded.Span)),
        AskSent m => (m with { Payload = default }, Convert.ToHexString(m.Payload.Span)),
        AskAnswered m => (m with { Payload = default }, Convert.ToHexString(m.Payload.Span)),
        HandoverSent m => (m with { Payload = default }, Convert.ToHexString(m.Payload.Span)),
        ServiceSent m => (m with { Payload = default }, Convert.ToHexString(m.Payload.Span)),
        _ => (message, ""),
    };

    private static Gen<WireMessage> Messages()
    {
        var number = Gen.OneOf(Gen.Choose(0, 100).Select(n => (long)n), Gen.Constant(long.MaxValue), Gen.Choose(0, int.MaxValue).Select(n => n * 4711L));
        var any = Gen.OneOf(number, number.Select(n => -n));
        var count = Gen.OneOf(Gen.Choose(0, 100), Gen.Constant(int.MaxValue));
        var flag = Gen.Elements(true, false);
        var payload = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();
        var key = Gen.Elements("alice", "x", "Ünïcode-鍵-🗝", new string('k', EntityId.KeyLengthMax), new string('鍵', EntityId.KeyLengthMax));
        var name = Gen.Elements("a", "deposit", new string('n', 200));
        var service = Gen.Elements("jobs", "topics", new string('s', WireLimits.ServiceBytesMax));
        var id = any.Two().Select(p => new CommandId((ulong)p.Item1, (ulong)p.Item2));
        return Gen.OneOf(
            number.Two().Zip(flag).Select(WireMessage (p) => new Heartbeat(p.Item1.Item1, p.Item1.Item2, p.Item2)),
            number.Select(WireMessage (n) => new ViewWanted(n)),
            payload.Select(WireMessage (p) => new ViewGiven(p)),
            any.Zip(key).Zip(name.Zip(payload)).Zip(id.Zip(count)).Zip(Gen.Choose(0, WireLimits.RelaysMax)).Select(WireMessage (p) =>
            {
                var ((((request, at), (command, bytes)), (identity, remaining)), relays) = p;
                return new AskSent(request, new EntityId("account", at), command, bytes, identity, remaining, (byte)relays, remaining % 2 == 0, SpanOf(bytes));
            }),
            any.Zip(Gen.Elements(Enum.GetValues<AskStatus>())).Zip(payload.Zip(number)).Select(WireMessage (p) =>
                new AskAnswered(p.Item1.Item1, p.Item1.Item2, p.Item2.Item1, p.Item2.Item2)),
            count.Two().Zip(number.Zip(Gen.OneOf(number, Gen.Constant(-1L)))).Zip(flag.Zip(payload)).Select(WireMessage (p) =>
            {
                var (((shard, position), (term, offset)), (isLast, bytes)) = p;
                return new HandoverSent(new ShardId(shard), term, offset, position, isLast, bytes);
            }),
            service.Zip(payload).Select(WireMessage (p) => new ServiceSent(p.Item1, p.Item2)));
    }

    private static ActivityContext SpanOf(byte[] seed) => seed.Length % 2 == 0
        ? default
        : new ActivityContext(
            ActivityTraceId.CreateFromBytes([seed[0], .. new byte[14], 1]), ActivitySpanId.CreateFromBytes([1, .. new byte[6], seed[0]]), (ActivityTraceFlags)(seed.Length / 2 % 2),
            isRemote: true);

    private static Gen<byte[]> Damaged() => Messages().Zip(Gen.Choose(0, int.MaxValue).Two()).Zip(Gen.Choose(1, 4)).Select(p =>
    {
        byte[] bytes = Encode(p.Item1.Item1);
        var chance = new Random(p.Item1.Item2.Item1);
        for (int i = 0; i < p.Item2; i++) bytes[chance.Next(bytes.Length)] ^= (byte)(1 << chance.Next(8));
        return p.Item1.Item2.Item2 % 3 == 0 ? bytes[..chance.Next(bytes.Length)] : bytes;
    });
}

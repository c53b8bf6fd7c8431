using System.Collections.Frozen;
using ActorGrid.Actors;

namespace ActorGrid.Cluster.Tests;

public sealed class TopicTests
{
    [Fact]
    public void A_message_reaches_the_subscribers_of_its_topic_on_all_nodes_once()
    {
        var rig = RoutingTests.Rig(3);
        var (here, there, twice) = (Subscriber<Add>(rig, 0, "news"), Subscriber<Add>(rig, 1, "news"), Subscriber<Add>(rig, 1, "news"));
        var other = Subscriber<Add>(rig, 2, "weather");
        rig.Advance(100);
        for (int i = 1; i <= 3; i++) rig.Nodes[0].Topics.Publish("news", new Add(i));
        rig.Run();
        List<Add> all = [new(1), new(2), new(3)];
        Assert.Equal(all, here);
        Assert.Equal(all, there);
        Assert.Equal(all, twice);
        Assert.Empty(other);
    }

    [Fact]
    public void A_node_is_sent_only_what_it_wants()
    {
        var rig = RoutingTests.Rig(2);
        Subscriber<Add>(rig, 1, "news");
        rig.Advance(100);
        int before = rig.Nodes[0].Links[rig.Nodes[1]].Log.Count;
        rig.Nodes[0].Topics.Publish("weather", new Add(1));
        rig.Run();
        Assert.Equal(before, rig.Nodes[0].Links[rig.Nodes[1]].Log.Count);
    }

    [Fact]
    public void Nodes_are_sent_a_message_in_the_order_of_their_incarnations()
    {
        var rig = RoutingTests.Rig(1);
        var node = rig.Nodes[0];
        List<Guid> sent = [];
        // Enough of them for a frozen dictionary to order them by hash.
        int[] order = [.. Enumerable.Range(2, 40).Select(i => i * 7919 % 1009)];
        node.Standing.Links = order.Select(RouterRig.Id).ToFrozenDictionary(id => id, ILink (id) => new LinkThatTells(node.Hello with { Incarnation = id }, sent));
        node.Topics.Publish("news", new Add(1));
        Assert.Equal(order.Order().Select(RouterRig.Id), sent);
    }

    [Fact]
    public void A_subscription_ends_when_it_is_disposed_or_its_actor_stops()
    {
        var rig = RoutingTests.Rig(2);
        List<Add> disposed = [], stopped = [];
        var node = rig.Nodes[1];
        var subscription = node.Topics.Subscribe("news", node.Parts.System.Spawn(() => new Collector<Add>(disposed)));
        var actor = node.Parts.System.Spawn(() => new Collector<Add>(stopped));
        _ = node.Topics.Subscribe("news", actor);
        rig.Advance(100);
        subscription.Dispose();
        subscription.Dispose();
        actor.Stop();
        rig.Advance(100);
        Assert.Empty(node.Topics.Wants().Topics);
        int before = rig.Nodes[0].Links[node].Log.Count;
        rig.Nodes[0].Topics.Publish("news", new Add(1));
        rig.Run();
        Assert.Equal(before, rig.Nodes[0].Links[node].Log.Count);
        Assert.Empty(disposed);
        Assert.Empty(stopped);
    }

    [Fact]
    public void A_new_link_brings_the_subscriptions_with_it()
    {
        var rig = RoutingTests.Rig(2);
        var got = Subscriber<Add>(rig, 1, "news");
        rig.Advance(100);
        rig.Nodes[0].Unlink(rig.Nodes[1]);
        rig.Advance(100);
        rig.Nodes[0].Topics.Publish("news", new Add(1));
        rig.Nodes[0].Link(rig.Nodes[1]);
        // Before it has said what it wants it gets all.
        rig.Nodes[0].Topics.Publish("news", new Add(2));
        rig.Advance(100);
        rig.Nodes[0].Topics.Publish("news", new Add(3));
        rig.Run();
        Assert.Equal([new Add(2), new Add(3)], got);
    }

    [Fact]
    public void A_link_that_takes_no_more_learns_of_a_subscription_later()
    {
        var rig = RoutingTests.Rig(2);
        rig.Advance(100);
        rig.Nodes[1].Links[rig.Nodes[0]].IsFull = true;
        var got = Subscriber<Add>(rig, 1, "news");
        rig.Advance(1000);
        rig.Nodes[1].Links[rig.Nodes[0]].IsFull = false;
        rig.Advance(100);
        rig.Nodes[0].Topics.Publish("news", new Add(1));
        rig.Run();
        Assert.Single(got);
    }

    [Fact]
    public void Subscribers_get_messages_of_their_type()
    {
        var rig = RoutingTests.Rig(2);
        var (events, adds) = (Subscriber<CounterEvent>(rig, 1, "mixed"), Subscriber<Add>(rig, 1, "mixed"));
        rig.Advance(100);
        rig.Nodes[0].Topics.Publish<CounterEvent>("mixed", new Added(1));
        rig.Nodes[0].Topics.Publish("mixed", new Add(2));
        rig.Run();
        Assert.Equal([new Added(1)], events);
        Assert.Equal([new Add(2)], adds);
    }

    [Fact]
    public void Between_two_incarnations_a_node_publishes_to_itself()
    {
        var rig = RoutingTests.Rig(2);
        var (here, there) = (Subscriber<Add>(rig, 0, "news"), Subscriber<Add>(rig, 1, "news"));
        rig.Advance(100);
        rig.Nodes[0].End();
        rig.Nodes[0].Topics.Publish("news", new Add(1));
        rig.Nodes[0].Begin(RouterRig.Id(100));
        rig.Nodes[0].Link(rig.Nodes[1]);
        rig.Advance(100);
        rig.Nodes[1].Topics.Publish("news", new Add(2));
        rig.Run();
        Assert.Equal([new Add(1), new Add(2)], here);
        Assert.Equal([new Add(2)], there);
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        var rig = RoutingTests.Rig(1);
        var topics = rig.Nodes[0].Topics;
        Assert.Throws<ArgumentException>(() => topics.Publish("", new Add(1)));
        Assert.Throws<ArgumentException>(() => topics.Publish(new string('t', 201), new Add(1)));
        Assert.Contains("AddTopicMessage", Assert.Throws<ArgumentException>(() => topics.Publish("news", "no codec")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_messages_of_topics_are_refused()
    {
        byte[] wanted = TopicCodec.Encode(["a", "b"]);
        Assert.Equal(["a", "b"], Assert.IsType<TopicsWanted>(TopicCodec.Decode(wanted)).Topics.Order(StringComparer.Ordinal));
        for (int length = 0; length < wanted.Length; length++) Assert.Throws<CodecException>(() => TopicCodec.Decode(wanted.AsMemory(0, length)));
        wanted[1] = 0x7F;
        Assert.Throws<CodecException>(() => TopicCodec.Decode(wanted));
        byte[] published = new byte[TopicCodec.PublishedBytesMax("news", "add", 3)];
        published = published[..TopicCodec.Encode("news", "add", [1, 2, 3], published)];
        Assert.Equal([1, 2, 3], Assert.IsType<TopicPublished>(TopicCodec.Decode(published)).Payload.ToArray());
        for (int length = 0; length < published.Length; length++) Assert.Throws<CodecException>(() => TopicCodec.Decode(published.AsMemory(0, length)));
    }

    private sealed class LinkThatTells(NodeHello peer, List<Guid> sent) : ILink
    {
        public NodeHello Peer => peer;

        public string? DialledEndpoint => null;

        public bool Send(ReadOnlySpan<byte> frame, Lane lane)
        {
            sent.Add(peer.Incarnation);
            return true;
        }

        public void Close()
        {
        }
    }

    private static List<TMessage> Subscriber<TMessage>(RouterRig rig, int node, string topic)
        where TMessage : notnull
    {
        List<TMessage> messages = [];
        _ = rig.Nodes[node].Topics.Subscribe(topic, rig.Nodes[node].Parts.System.Spawn(() => new Collector<TMessage>(messages)));
        return messages;
    }
}

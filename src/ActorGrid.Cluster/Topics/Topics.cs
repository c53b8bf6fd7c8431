using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>The topics of a node. Publishing and delivering happen on the threads of the publisher and of the transport; the <see cref="TopicsActor"/> tells
/// the other nodes what this one wants.</summary>
internal sealed class Topics : ITopics
{
    public const string Service = "topics";

    private readonly Func<Standing?> _standing;
    private readonly CodecRegistry _codecs;
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<string, ImmutableArray<TopicSubscription>> _subscriptions = new(StringComparer.Ordinal);
    private readonly IDisposable[] _registrations;
    private long _version;

    public Topics(NodeParts parts, IClusterServices services)
        : this(parts.System, parts.Setting.TopicMessages, () => parts.Standing) =>
        _registrations = [services.Register(Service, Receive), services.OnChanged(() => Actor.TryTell(TopicsTick.Changed))];

    /// <summary>The topics of a node without a cluster: whoever publishes reaches the subscribers of this node.</summary>
    public Topics(ActorSystem system, CodecRegistry codecs)
        : this(system, codecs, static () => null)
    {
    }

    private Topics(ActorSystem system, CodecRegistry codecs, Func<Standing?> standing)
    {
        _standing = standing;
        _codecs = codecs;
        _registrations = [];
        Actor = system.Spawn(() => new TopicsActor(this));
    }

    public ActorRef<ITopicsMessage> Actor { get; }

    public Standing? Standing => _standing() is { IsOver: false } standing ? standing : null;

    /// <summary>What other nodes want, as far as they have said it, by their incarnations.</summary>
    public ConcurrentDictionary<Guid, FrozenSet<string>> Wanted { get; } = new();

    /// <summary>Counts the changes of what this node wants.</summary>
    public long Version => Volatile.Read(ref _version);

    public void Publish<TMessage>(string topic, TMessage message)
        where TMessage : notnull
    {
        CheckName(topic);
        var codec = _codecs.Find(message.GetType()) ?? _codecs.Find(typeof(TMessage))
            ?? throw new ArgumentException(
                $"{message.GetType().Name} has no codec: add it to the messages of topics (AddTopicMessage) on all nodes.", nameof(message));
        Deliver(topic, message);
        if (Standing is not { } standing) return;
        byte[]? frame = null;
        // In an order that does not depend on a hash.
        foreach (var (peer, link) in standing.Links.OrderBy(static l => l.Key))
        {
            // Who has not said yet what it wants gets all.
            if (Wanted.TryGetValue(peer, out var wanted) && !wanted.Contains(topic)) continue;
            if (!link.Send(frame ??= Frame(topic, message, codec), Lane.Data)) ClusterMeter.OnTopicMissed();
        }
    }

    public IDisposable Subscribe<TMessage>(string topic, ActorRef<TMessage> subscriber)
        where TMessage : notnull
    {
        CheckName(topic);
        ArgumentNullException.ThrowIfNull(subscriber);
        var subscription = new TopicSubscription<TMessage>(this, topic, subscriber);
        lock (_changing)
        {
            bool isNew = !_subscriptions.TryGetValue(topic, out var others);
            if (isNew && _subscriptions.Count >= ITopics.TopicsPerNodeMax)
            {
                throw new InvalidOperationException($"This node is subscribed to {_subscriptions.Count} topics, which is the bound: use fewer topics, or one with a key in its messages.");
            }
            _subscriptions[topic] = isNew ? [subscription] : others.Add(subscription);
            if (isNew) _version++;
        }
        Actor.TryTell(new SubscriptionMade(subscription));
        return subscription;
    }

    public void Unsubscribe(TopicSubscription subscription)
    {
        lock (_changing)
        {
            if (!_subscriptions.TryGetValue(subscription.Topic, out var all) || !all.Contains(subscription)) return;
            var rest = all.Remove(subscription);
            if (rest.IsEmpty)
            {
                _subscriptions.TryRemove(subscription.Topic, out _);
                _version++;
            }
            else
            {
                _subscriptions[subscription.Topic] = rest;
            }
        }
        Actor.TryTell(new SubscriptionEnded(subscription));
    }

    /// <summary>All topics that this node wants, and of which version that is.</summary>
    public (long Version, IReadOnlyCollection<string> Topics) Wants()
    {
        lock (_changing) return (_version, [.. _subscriptions.Keys.Order(StringComparer.Ordinal)]);
    }

    public async Task StopAsync()
    {
        foreach (var registration in _registrations) registration.Dispose();
        await Actor.StopAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
    }

    private void Receive(NodeHello from, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            switch (TopicCodec.Decode(bytes))
            {
                case TopicsWanted wanted:
                    Wanted[from.Incarnation] = wanted.Topics;
                    break;
                case TopicPublished published when _subscriptions.ContainsKey(published.Topic):
                    // Its codec may be of a newer version of the application only.
                    if (_codecs.Find(published.Manifest) is { } codec) Deliver(published.Topic, codec.DecodeObject(published.Payload.Span));
                    else ClusterMeter.OnTopicMissed();
                    break;
            }
        }
        catch (CodecException)
        {
            ClusterMeter.OnTopicMissed();
        }
    }

    private void Deliver(string topic, object message)
    {
        if (!_subscriptions.TryGetValue(topic, out var subscriptions)) return;
        foreach (var subscription in subscriptions)
        {
            if (!subscription.TryDeliver(message)) ClusterMeter.OnTopicMissed();
        }
    }

    private static byte[] Frame(string topic, object message, MessageCodec codec)
    {
        var buffer = ScratchBuffer.Rent();
        try
        {
            codec.EncodeObject(message, buffer);
            byte[] inner = new byte[TopicCodec.PublishedBytesMax(topic, codec.Manifest, buffer.WrittenCount)];
            int length = TopicCodec.Encode(topic, codec.Manifest, buffer.WrittenSpan, inner);
            byte[] frame = new byte[WireCodec.ServiceBytesMax(Service, length)];
            return frame[..WireCodec.EncodeService(Service, inner.AsSpan(0, length), frame)];
        }
        finally
        {
            ScratchBuffer.Return(buffer);
        }
    }

    private static void CheckName(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        if (topic.Length > ITopics.NameLengthMax)
        {
            throw new ArgumentException($"The name of a topic has at most {ITopics.NameLengthMax} characters; this one has {topic.Length}.", nameof(topic));
        }
    }
}

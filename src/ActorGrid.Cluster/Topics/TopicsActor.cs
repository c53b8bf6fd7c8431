using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>What the actor of the topics understands.</summary>
internal interface ITopicsMessage;

/// <summary>An actor has subscribed.</summary>
internal sealed record SubscriptionMade(TopicSubscription Subscription) : ITopicsMessage;

/// <summary>A subscription has ended.</summary>
internal sealed record SubscriptionEnded(TopicSubscription Subscription) : ITopicsMessage;

/// <summary>A subscriber has stopped.</summary>
internal sealed record SubscriberStopped(ActorRef Subscriber) : ITopicsMessage;

internal sealed class TopicsTick : ITopicsMessage
{
    /// <summary>Links may have come or gone.</summary>
    public static readonly TopicsTick Changed = new();

    /// <summary>Tell those who do not know yet.</summary>
    public static readonly TopicsTick Tell = new();
}

/// <summary>Tells each node that there is a link to which topics this one wants, for each link anew, and ends the subscriptions of actors that have stopped.</summary>
internal sealed class TopicsActor(Topics topics) : Actor<ITopicsMessage>
{
    /// <summary>Many changes at a time are told together.</summary>
    private static readonly TimeSpan TellAfter = TimeSpan.FromMilliseconds(10);

    /// <summary>The version of the wants that was sent last, by the link that it was sent on.</summary>
    private readonly Dictionary<ILink, long> _told = [];
    private readonly Dictionary<ActorRef, List<TopicSubscription>> _subscribers = [];

    protected override ValueTask OnMessageAsync(ITopicsMessage message)
    {
        switch (message)
        {
            case SubscriptionMade made:
                Add(made.Subscription);
                TellSoon();
                break;
            case SubscriptionEnded ended:
                Remove(ended.Subscription);
                TellSoon();
                break;
            case SubscriberStopped stopped:
                if (_subscribers.Remove(stopped.Subscriber, out var orphans))
                {
                    foreach (var orphan in orphans) orphan.Dispose();
                }
                break;
            case TopicsTick tick when tick == TopicsTick.Changed:
                TellSoon();
                break;
            case TopicsTick:
                Tell();
                break;
        }
        return default;
    }

    private void TellSoon()
    {
        if (!Context.Timers.IsRunning(TopicsTick.Tell)) Context.Timers.StartOnce(TopicsTick.Tell, TellAfter, TopicsTick.Tell);
    }

    private void Tell()
    {
        var links = topics.Standing?.Links;
        foreach (var link in _told.Keys.Where(link => links is null || !links.TryGetValue(link.Peer.Incarnation, out var now) || now != link).ToList())
        {
            _told.Remove(link);
        }
        foreach (var peer in topics.Wanted.Keys)
        {
            // What a peer wanted while there was a link may have changed since.
            if (links?.ContainsKey(peer) != true) topics.Wanted.TryRemove(peer, out _);
        }
        if (links is null) return;
        byte[]? frame = null;
        var (version, wants) = topics.Wants();
        foreach (var (_, link) in links.OrderBy(l => l.Key))
        {
            if (_told.TryGetValue(link, out long told) && told == version) continue;
            if (link.Send(frame ??= Frame(wants), Lane.Data)) _told[link] = version;
            else TellSoon();
        }
    }

    private static byte[] Frame(IReadOnlyCollection<string> wants)
    {
        byte[] inner = TopicCodec.Encode(wants);
        byte[] frame = new byte[WireCodec.ServiceBytesMax(Topics.Service, inner.Length)];
        return frame[..WireCodec.EncodeService(Topics.Service, inner, frame)];
    }

    private void Add(TopicSubscription subscription)
    {
        if (!_subscribers.TryGetValue(subscription.Subscriber, out var all))
        {
            _subscribers.Add(subscription.Subscriber, all = []);
            Context.Watch(subscription.Subscriber, new SubscriberStopped(subscription.Subscriber));
        }
        all.Add(subscription);
    }

    private void Remove(TopicSubscription subscription)
    {
        if (!_subscribers.TryGetValue(subscription.Subscriber, out var all) || !all.Remove(subscription) || all.Count > 0) return;
        _subscribers.Remove(subscription.Subscriber);
        Context.Unwatch(subscription.Subscriber);
    }
}

using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>An actor's subscription to a topic.</summary>
internal abstract class TopicSubscription(Topics topics, string topic) : IDisposable
{
    public string Topic => topic;

    public abstract ActorRef Subscriber { get; }

    /// <summary>False if the subscriber was to get the message, and cannot.</summary>
    public abstract bool TryDeliver(object message);

    public void Dispose() => topics.Unsubscribe(this);
}

internal sealed class TopicSubscription<TMessage>(Topics topics, string topic, ActorRef<TMessage> subscriber) : TopicSubscription(topics, topic)
{
    public override ActorRef Subscriber => subscriber;

    public override bool TryDeliver(object message)
    {
        if (message is not TMessage wanted) return true;
        try
        {
            return subscriber.TryTell(wanted);
        }
        catch (MailboxFullException)
        {
            return false;
        }
    }
}

using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>Publish and subscribe over all nodes of a grid, clients too.</summary>
/// <remarks>
/// <para>A message reaches each subscriber at most once: one that is under way while a link breaks, a node joins, a subscription is new, or somebody does not
/// keep up may not reach a subscriber. What has to arrive goes to an entity.</para>
/// <para>Messages that one thread publishes to a topic one after the other reach a subscriber in that order.</para>
/// <para>Safe to use from any thread.</para>
/// </remarks>
public interface ITopics
{
    /// <summary>The most characters of the name of a topic.</summary>
    const int NameLengthMax = 200;

    /// <summary>The most topics that a node may be subscribed to at once.</summary>
    const int TopicsPerNodeMax = 10_000;

    /// <summary>Sends a message to all who are subscribed to a topic, on this node and on those that there is a link to, and does not wait.</summary>
    /// <param name="topic">The topic: 1 to 200 characters. It exists as long as somebody uses it.</param>
    /// <param name="message">The message, an immutable value: subscribers of this node get it as it is.</param>
    /// <typeparam name="TMessage">Its type, or a base of it: one of the two must have a codec in <see cref="ClusterSetting.TopicMessages"/>.</typeparam>
    /// <exception cref="ArgumentException">The name is out of range, the type has no codec, or the encoded message is larger than 16 MiB.</exception>
    void Publish<TMessage>(string topic, TMessage message)
        where TMessage : notnull;

    /// <summary>Lets an actor receive what is published to a topic from now on, on any node, until the subscription is disposed or the actor stops.</summary>
    /// <param name="topic">The topic: 1 to 200 characters.</param>
    /// <param name="subscriber">Gets the messages in its mailbox. One that is bounded and full misses them.</param>
    /// <typeparam name="TMessage">What it gets: messages of this type, and of those derived from it. Others that are published to the topic pass it by.</typeparam>
    /// <returns>The subscription: dispose it to end it.</returns>
    /// <exception cref="ArgumentException">The name is out of range.</exception>
    /// <exception cref="InvalidOperationException">This node is subscribed to <see cref="TopicsPerNodeMax"/> topics.</exception>
    IDisposable Subscribe<TMessage>(string topic, ActorRef<TMessage> subscriber)
        where TMessage : notnull;
}

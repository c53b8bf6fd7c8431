namespace ActorGrid.Actors;

/// <summary>How a router chooses who gets a message. Immutable; one may serve many routers, none of which sees what the others do.</summary>
/// <remarks>The choice is made on the sender's thread, without a lock; choosing one of the routees allocates nothing but what a function of yours does. All that a router has to count, its senders
/// count together: many that send at once contend for that. An ask goes to the one who would get the message, and succeeds or fails with him; only <see cref="Broadcast"/> and
/// <see cref="ScatterGather"/> treat asks differently.</remarks>
/// <typeparam name="TMessage">What the routees understand.</typeparam>
public sealed class Routing<TMessage>
{
    private const int WeightMax = 100;
    private readonly Func<ActorSystem, Router<TMessage>> _make;

    private Routing(Func<ActorSystem, Router<TMessage>> make) => _make = make;

    /// <summary>Each message goes to the next one in turn.</summary>
    public static Routing<TMessage> RoundRobin { get; } = new(static _ => new RoundRobinRouter<TMessage>());

    /// <summary>Each message goes to one by chance, all being equally likely. The chance is seeded from <see cref="ActorSystem.Random"/> when the router is made.</summary>
    public static Routing<TMessage> Random { get; } = new(static system => new RandomRouter<TMessage>((ulong)system.Random.NextInt64()));

    /// <summary>Each message goes to one for whom the fewest messages wait at the moment; of those, rather to one who is doing nothing. It looks at one after another until it finds one who does
    /// nothing, at all if there is none. A pool's routees then count what waits for them; routees that were given need a bounded mailbox (<see cref="SpawnOptions.MailboxCapacity"/>), which counts.</summary>
    public static Routing<TMessage> SmallestMailbox { get; } = new(static _ => new SmallestMailboxRouter<TMessage>()) { NeedsCounts = true };

    /// <summary>Each message goes to all. It is one object for all of them. Where some have no room, or throw at the sender, the others get it all the same; then <see cref="ActorRef{TMessage}.Tell"/>
    /// throws what the first of them threw. So does <see cref="ActorRef{TMessage}.TryTell"/>, for which having no room is no exception; it is true if at least one took the message. A message that is
    /// told and is itself a <see cref="Promise{T}"/> fails as soon as one of them fails to handle it, though others may still keep it. An ask fails with <see cref="NotSupportedException"/>, since it
    /// could give the reply of one only: see <see cref="ScatterGather"/>.</summary>
    public static Routing<TMessage> Broadcast { get; } = new(static _ => new BroadcastRouter<TMessage>());

    /// <summary>As <see cref="Broadcast"/>, but asks are allowed: all get the message, and the first reply is the reply. One who cannot take the message, who stops, or whose handler throws leaves it to the
    /// others; the ask fails with the last of these failures when none is left, and at once with what one of them gives to <see cref="ReplyTo{TReply}.Fail"/>. Those who come later have handled
    /// the message too: ask only for what may be done many times.</summary>
    public static Routing<TMessage> ScatterGather { get; } = new(static _ => new ScatterGatherRouter<TMessage>());

    /// <summary>Whether the routees must count what waits for them.</summary>
    internal bool NeedsCounts { get; private init; }

    /// <summary>Whether it matters in which slot a routee is.</summary>
    internal bool IsBySlot { get; private init; }

    /// <summary>Messages go to the routees in turn, to each as often as its weight says, well mixed: of as many messages as all weights together each gets exactly its weight.</summary>
    /// <param name="weights">The weights, 1 to 100, of the routees in their order. Those beyond the list weigh 1.</param>
    /// <returns>The choice.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A weight is less than 1 or more than 100.</exception>
    public static Routing<TMessage> Weighted(params int[] weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (int weight in weights)
        {
            if (weight is < 1 or > WeightMax) throw new ArgumentOutOfRangeException(nameof(weights), weight, $"A weight must be 1 to {WeightMax}.");
        }

        int[] own = [.. weights];
        return new Routing<TMessage>(_ => new WeightedRouter<TMessage>(own)) { IsBySlot = true };
    }

    /// <summary>Messages of the same key go to the same slot as long as the slots stay the same. When one comes or goes, of n, the keys that move are those that the new one gets, or the old one had:
    /// 1/n of many different keys, on average. What was sent before may then be handled after what is sent from then on.</summary>
    /// <remarks>What has a key is the slot, a routee's place in the order from 0, and not the actor: whoever fills the slot of one that stopped has its keys, with none of its state. With the same
    /// slots the same keys have the same ones in every process. The choice looks at every routee for every message.</remarks>
    /// <param name="key">Takes the key from a message; not null. Called on the sender's thread: it must be quick, thread-safe, and always say the same of a message. What it throws, the sender gets.</param>
    /// <returns>The choice.</returns>
    public static Routing<TMessage> ConsistentHash(Func<TMessage, string> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Routing<TMessage>(_ => new ConsistentHashRouter<TMessage>(message => StableHash.Of(KeyOf(message)))) { IsBySlot = true };

        string KeyOf(TMessage message) =>
            key(message) ?? throw new InvalidOperationException("The function that takes the key from a message returned null. Give every message a key.");
    }

    /// <summary>As <see cref="ConsistentHash(Func{TMessage, string})"/>, with a number as the key.</summary>
    /// <param name="key">Takes the key from a message, under the same rules.</param>
    /// <returns>The choice.</returns>
    public static Routing<TMessage> ConsistentHash(Func<TMessage, long> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Routing<TMessage>(_ => new ConsistentHashRouter<TMessage>(message => StableHash.Mix((ulong)key(message)))) { IsBySlot = true };
    }

    internal Router<TMessage> Make(ActorSystem system) => _make(system);
}

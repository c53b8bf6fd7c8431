using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Transport;

namespace ActorGrid;

/// <content>What makes the node one of several.</content>
public sealed partial class GridBuilder
{
    private readonly List<MessageCodec> _topicMessages = [];

    internal Func<TimeProvider, ITransport>? Transport { get; private set; }

    internal TlsOptions? Tls { get; private set; }

    internal IAllocationStrategy? Allocation { get; private set; }

    internal CodecRegistry TopicMessages => new(_topicMessages);

    /// <summary>
    /// Makes the node one of several: it listens for the others, and owns its share of the entities. The nodes find each other by their store. Left out, the node is a grid of its own and opens
    /// no socket. The same as setting <see cref="GridClusterOptions.Host"/>, <see cref="GridClusterOptions.Port"/> and <see cref="GridClusterOptions.AdvertisedHost"/>.
    /// </summary>
    /// <param name="host">The address to listen on. Beyond loopback it takes <see cref="UseTls"/>, or a word that it shall be without.</param>
    /// <param name="port">The port; 0: any that is free.</param>
    /// <param name="advertisedHost">The address that other nodes dial; null: <paramref name="host"/>.</param>
    public GridBuilder Listen(string host, int port, string? advertisedHost = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65_535);
        return Configure(options => (options.Cluster.Host, options.Cluster.Port, options.Cluster.AdvertisedHost) = (host, port, advertisedHost));
    }

    /// <summary>Makes the node a client: it asks the entities that live on others and submits jobs, but owns nothing and has no vote. The same as setting
    /// <see cref="GridClusterOptions.IsClient"/>.</summary>
    public GridBuilder AsClient() => Configure(options => options.Cluster.IsClient = true);

    /// <summary>Lets the nodes speak by TLS alone, each with a certificate of the grid's own authority. Given to all nodes or to none.</summary>
    /// <param name="certificate">The certificate of this node, with its private key, for the use by servers and clients.</param>
    /// <param name="authority">The certificate of the grid's own authority: who has none of its certificates is refused.</param>
    /// <exception cref="InvalidOperationException">Certificates were given before.</exception>
    public GridBuilder UseTls(X509Certificate2 certificate, X509Certificate2 authority)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(authority);
        if (Tls is not null) throw new InvalidOperationException("The grid has its certificates already: call UseTls once.");
        Tls = new TlsOptions { Certificate = certificate, Authority = authority };
        return this;
    }

    /// <summary>Makes the node one of several that reach each other by a transport of one's own, for example an <see cref="InMemoryNetwork"/> for nodes in one
    /// process. The node disposes it at its stop.</summary>
    /// <param name="transport">Makes the transport; it is given the clock of the node.</param>
    /// <exception cref="InvalidOperationException">A transport was chosen before.</exception>
    public GridBuilder UseTransport(Func<TimeProvider, ITransport> transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (Transport is not null) throw new InvalidOperationException("The grid has a transport already: call UseTransport once.");
        Transport = transport;
        return this;
    }

    /// <summary>Says which node should own which shard; the same on all nodes. Default: by <see cref="WeightedRendezvous"/>.</summary>
    public GridBuilder UseAllocation(IAllocationStrategy allocation)
    {
        ArgumentNullException.ThrowIfNull(allocation);
        Allocation = allocation;
        return this;
    }

    /// <summary>Adds a type of messages that can be published to topics, as JSON.</summary>
    /// <param name="name">Its stable name, 1 to 200 characters; the same on all nodes.</param>
    /// <param name="json">Has a <c>[JsonSerializable]</c> for the type.</param>
    /// <typeparam name="TMessage">The type of the messages.</typeparam>
    /// <exception cref="ArgumentException">The context does not have the type, or the name or the type is there already.</exception>
    public GridBuilder AddTopicMessage<TMessage>(string name, JsonSerializerContext json)
        where TMessage : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.GetTypeInfo(typeof(TMessage)) is not JsonTypeInfo<TMessage> type)
        {
            throw new ArgumentException(
                $"{typeof(TMessage).Name} cannot be published: add [JsonSerializable(typeof({typeof(TMessage).Name}))] to {json.GetType().Name}.", nameof(json));
        }
        return AddTopicMessage(new JsonMessageCodec<TMessage>(name, type));
    }

    /// <summary>Adds a type of messages that can be published to topics, with a codec of its own.</summary>
    /// <exception cref="ArgumentException">Its name or its type is there already.</exception>
    public GridBuilder AddTopicMessage(MessageCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        // Now, so that a mistake shows here.
        _ = new CodecRegistry([.. _topicMessages, codec]);
        _topicMessages.Add(codec);
        return this;
    }
}

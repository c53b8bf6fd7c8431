namespace ActorGrid.Cluster;

/// <summary>Messages between the nodes of a cluster for what is built on top of it (jobs, topics): at most once, in order for one pair of nodes while their
/// link lasts.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public interface IClusterServices
{
    /// <summary>The incarnation of this node; empty while it is between two.</summary>
    Guid Incarnation { get; }

    /// <summary>The nodes that there is a link to at this moment, clients too, in the order of their incarnations. Without this node.</summary>
    IReadOnlyList<NodeHello> Reachable { get; }

    /// <summary>Calls <paramref name="handler"/> for each message to a service of this node.</summary>
    /// <param name="service">The name of the service: 1 to 64 bytes as UTF-8; once on a node.</param>
    /// <param name="handler">Is given the sender and the message, which it may keep. Called on a thread of the transport, in order for one sender; must
    /// neither block nor throw.</param>
    /// <returns>Ends the registration when it is disposed.</returns>
    /// <exception cref="ArgumentException">The name is out of range.</exception>
    /// <exception cref="InvalidOperationException">The service is registered already.</exception>
    IDisposable Register(string service, Action<NodeHello, ReadOnlyMemory<byte>> handler);

    /// <summary>Sends a message to the same service of another node.</summary>
    /// <param name="incarnation">Whom to.</param>
    /// <param name="service">The service.</param>
    /// <param name="payload">The message, which is copied; at most 16 MiB.</param>
    /// <returns>False if there is no link to it, or it has not taken what was sent before: nothing was sent.</returns>
    /// <exception cref="ArgumentException">The name or the message is too long.</exception>
    bool Send(Guid incarnation, string service, ReadOnlySpan<byte> payload);

    /// <summary>Calls <paramref name="callback"/> each time that the view, the incarnation of this node, or the nodes that it has a link to may have changed. It is
    /// called on the node's turn and must neither block nor throw.</summary>
    /// <returns>Ends it when it is disposed.</returns>
    IDisposable OnChanged(Action callback);
}

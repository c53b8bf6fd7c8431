using ActorGrid.Cluster;

namespace ActorGrid;

/// <summary>The transport of a node that is alone on a store that others can reach: nobody reaches it, and it reaches nobody. So it is a member that holds a lease and
/// has to trust it before it answers, and no second one can be Up beside it.</summary>
internal sealed class NoTransport : ITransport
{
    private volatile ITransportReceiver? _receiver;

    /// <summary>The same for all, so that two of them can never be members at a time.</summary>
    public string Endpoint => "alone";

    public void Start(NodeHello self, ITransportReceiver receiver) => _receiver = receiver;

    public void Dial(string endpoint) => _receiver?.OnDialFailed(endpoint, DialFailure.Unreachable);

    public ValueTask DisposeAsync() => default;
}

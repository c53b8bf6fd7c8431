using ActorGrid.Actors;
using ActorGrid.Conformance;

namespace ActorGrid.Cluster.Tests;

/// <summary>The network in memory holds to what every transport does.</summary>
public sealed class InMemoryNetworkTests : TransportConformance
{
    private readonly InMemoryNetwork _network = new();
    private readonly DedicatedThreadDispatcher _dispatcher = new("in-memory");
    private int _count;

    protected override bool TellsLanesApart => false;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _dispatcher.DisposeAsync();
    }

    protected override Task<ITransport> NewServerAsync() => Task.FromResult(_network.Connect($"node:{++_count}", _dispatcher));

    protected override Task<ITransport> NewClientAsync() => Task.FromResult(_network.Connect(dispatcher: _dispatcher));

    protected override string DeadEndpoint() => "nobody:1";
}

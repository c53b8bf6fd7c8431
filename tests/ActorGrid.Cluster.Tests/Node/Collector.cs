using ActorGrid.Actors;

namespace ActorGrid.Cluster.Tests;

/// <summary>Keeps what it is told.</summary>
internal sealed class Collector<TMessage>(List<TMessage> messages) : Actor<TMessage>
{
    protected override ValueTask OnMessageAsync(TMessage message)
    {
        messages.Add(message);
        return default;
    }
}

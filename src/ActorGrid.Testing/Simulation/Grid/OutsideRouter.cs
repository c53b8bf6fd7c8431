using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Asks entities by way of the node that runs on a machine now, for a script that outlives it.</summary>
internal sealed class OutsideRouter(SimulatedGrid grid, SimulatedNode node) : IEntityRouter
{
    public Task<TReply> AskAsync<TEntity, TReply>(
        EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : Entity
        where TReply : notnull
    {
        grid.LastAsked = entity;
        return node.RunAsync((NodeLife life) => life.Node.Router.AskAsync(entity, command, options, cancellationToken));
    }
}

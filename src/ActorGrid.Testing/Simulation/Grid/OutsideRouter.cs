using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Asks entities by way of the node that runs on a machine now, for a script that outlives it.</summary>
internal sealed class OutsideRouter(SimulatedGrid grid, SimulatedNode node) : IEntityRouter
{
    public async Task<TReply> AskAsync<TEntity, TReply>(
        EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : Entity
        where TReply : notnull
    {
        int number = grid.OnAsk(entity);
        bool isRecorded = grid.World.Trace.IsRecorded;
        if (isRecorded) Note($"is {command}{(options?.CommandId is { } id ? $", id {PayloadText.Of(id)}" : ", under an id of its own")}");
        try
        {
            var reply = await node.RunAsync((NodeLife life) => life.Node.Router.AskAsync(entity, command, options, cancellationToken));
            if (isRecorded) Note($"has the reply: {PayloadText.Of(reply)}");
            return reply;
        }
        catch (Exception e) when (isRecorded)
        {
            Note($"has no reply: {e.GetType().Name}: {e.Message}");
            throw;
        }

        void Note(string words) => grid.World.Note(entity, words, node.Machine.Number, number);
    }
}

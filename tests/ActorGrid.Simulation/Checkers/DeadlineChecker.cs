using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Every ask ends by its deadline, by the clock of the process that asks, the time left out that it stands still.</summary>
internal static class DeadlineChecker
{
    /// <summary>Threads that lose their processor for a moment, on the way from the clock to the caller.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks; runs in the process of the node.</summary>
    public static async Task<TReply> AskAsync<TReply>(NodeLife life, EntityId entity, ICommand<Ledger, TReply> command, AskOptions options)
        where TReply : notnull
    {
        var process = life.Process;
        long startedAt = process.Time.GetTimestamp(), stoodStill = process.StoodStillTicks;
        try
        {
            return await life.Node.Router.AskAsync(entity, command, options);
        }
        finally
        {
            var took = new TimeSpan(process.Time.GetTimestamp() - startedAt - (process.StoodStillTicks - stoodStill));
            if (took > options.Timeout + Slack)
                process.World.Fail(new PromiseBrokenException($"An ask of {entity} with a timeout of {options.Timeout} took {took} on {process.Machine.Name}.", entity: entity));
        }
    }
}

using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>An ask that did not go through at once: new, or given back.</summary>
/// <param name="Ask">The ask, which the router's actor holds from now on.</param>
/// <param name="RefusedBy">The owner, as it seemed, who would not have it; empty: nobody.</param>
/// <param name="Pause">For how long that one wants to see nobody.</param>
internal sealed record AskUnrouted(IPendingAsk Ask, Guid RefusedBy, TimeSpan Pause) : IRouterMessage, IAsker
{
    /// <summary>The router has stopped.</summary>
    public void Fail(Exception reason) => Ask.GiveUp(ClusterRouter.Stopped(Ask.Entity));
}

/// <summary>The owner of a shard for which asks wait has answered one: it serves.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="IsFull">Whether the answer is that it has no room.</param>
internal sealed record ShardAnswers(ShardId Shard, Guid Owner, bool IsFull) : IRouterMessage;

/// <summary>An answer that its link did not take; nobody else remembers it.</summary>
internal sealed record AnswerUnsent(ILink Link, byte[] Frame) : IRouterMessage;

/// <summary>Say so when nothing is in hand.</summary>
internal sealed record DrainRouter(TaskCompletionSource Done) : IRouterMessage, IAsker
{
    /// <summary>It has stopped before.</summary>
    public void Fail(Exception reason) => Done.TrySetResult();
}

/// <summary>The router told itself to do something, by a timer or when the patience of its end has ended.</summary>
internal sealed class RouterTick : IRouterMessage
{
    /// <summary>Look whose turn has come among the shards that asks wait for.</summary>
    public static readonly RouterTick Retry = new();

    /// <summary>Drop what nobody waits for, and find what was lost.</summary>
    public static readonly RouterTick Sweep = new();

    /// <summary>Give up all that is in hand.</summary>
    public static readonly RouterTick GiveUp = new();
}

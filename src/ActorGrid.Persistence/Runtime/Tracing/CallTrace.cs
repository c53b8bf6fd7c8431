using System.Diagnostics;

namespace ActorGrid.Persistence;

/// <summary>The spans of a call at the owner of its shard: what it waits for, one after the other, under the span of whoever asked. Touched only by who holds the call.</summary>
internal sealed class CallTrace
{
    private readonly Activity? _own;
    private Activity? _stage;

    /// <summary>Of an ask of this node.</summary>
    /// <param name="ask">The span of the ask.</param>
    public CallTrace(ActivityContext ask)
    {
        Context = ask;
    }

    private CallTrace(Activity own)
    {
        _own = own;
        Context = own.Context;
    }

    /// <summary>The span that stages belong under, here or at the owner.</summary>
    public ActivityContext Context { get; }

    /// <summary>The span of the commit that it waits for, or else that of the call.</summary>
    public ActivityContext Innermost => _stage?.Context ?? Context;

    /// <summary>Of a call that another node has sent; null if nobody wants its span.</summary>
    /// <param name="method">The entity type and the name of the command.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="ask">The span of the ask, over there; none: it has none.</param>
    public static CallTrace? Serve(string method, EntityId entity, ActivityContext ask) =>
        Spans.StartCall(method, entity, ActivityKind.Server, ask) is { } served ? new CallTrace(served) : null;

    /// <summary>Of a timer that has come due, which nobody asks for: a trace of its own; null if nobody wants it.</summary>
    /// <param name="method">The entity type and the name of the command.</param>
    /// <param name="timer">The timer.</param>
    public static CallTrace? Fire(string method, TimerRecord timer)
    {
        if (Spans.Start(method, ActivityKind.Internal) is not { } fired) return null;
        if (fired.IsAllDataRequested) fired.SetTag("actorgrid.entity", timer.Entity.ToString()).SetTag("actorgrid.timer", timer.Name);
        return new CallTrace(fired);
    }

    /// <summary>It waits for something else from now on.</summary>
    public void Enter(CallStage stage)
    {
        Leave();
        string? name = stage switch
        {
            CallStage.Recovering => "recover",
            CallStage.LookingUp => "look up reply",
            CallStage.Committing => "commit",
            _ => null,
        };
        if (name is not null) _stage = Spans.Start(name, ActivityKind.Internal, Context);
    }

    /// <summary>It waits no more.</summary>
    public void Leave()
    {
        if (_stage is not { } stage) return;
        _stage = null;
        Spans.End(stage);
    }

    /// <summary>What it waited for was committed, together with others: a link leads there.</summary>
    /// <param name="append">The span of the append.</param>
    public void OnCommitted(ActivityContext append)
    {
        if (append != default) _stage?.AddLink(new ActivityLink(append));
    }

    /// <summary>A call from another node, or of a timer, has ended.</summary>
    /// <param name="errorType">What kind of error it ended with; null: none.</param>
    public void End(string? errorType)
    {
        Leave();
        if (_own is not null) Spans.End(_own, errorType);
    }
}

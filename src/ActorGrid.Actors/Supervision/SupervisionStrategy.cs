namespace ActorGrid.Actors;

/// <summary>What a parent does about a failed child.</summary>
public enum Directive
{
    /// <summary>Drop the message that failed and go on with the same instance and state.</summary>
    Resume,

    /// <summary>Drop the message that failed, and go on with a new instance after a backoff. The mailbox is kept.</summary>
    Restart,

    /// <summary>Stop the child for good.</summary>
    Stop,

    /// <summary>Fail oneself, so that one's own parent decides.</summary>
    Escalate,
}

/// <summary>Whom a verdict concerns.</summary>
public enum SupervisionScope
{
    /// <summary>The failed child.</summary>
    OneForOne,

    /// <summary>The failed child and all its siblings of the same <see cref="SpawnOptions.Group"/> (restart and stop; resume concerns the failed child alone).</summary>
    AllForOne,
}

/// <summary>How an actor decides for its failed children. Immutable data and a pure decision, see <see cref="Decide"/>.</summary>
public sealed record SupervisionStrategy
{
    /// <summary>Restart the failed child with backoff; stop it at the eleventh failure within a minute.</summary>
    public static SupervisionStrategy Restarting { get; } = new();

    /// <summary>Drop the failed message and go on.</summary>
    public static SupervisionStrategy Resuming { get; } = new() { Decider = static _ => Directive.Resume };

    /// <summary>Stop the failed child.</summary>
    public static SupervisionStrategy Stopping { get; } = new() { Decider = static _ => Directive.Stop };

    /// <summary>Leave every decision to one's own parent.</summary>
    public static SupervisionStrategy Escalating { get; } = new() { Decider = static _ => Directive.Escalate };

    /// <summary>Maps a failure to what is done about it. Default: restart, whatever it was. Must be pure.</summary>
    public Func<Exception, Directive> Decider { get; init; } = static _ => Directive.Restart;

    /// <summary>Whom the verdict concerns. Default: the failed child alone.</summary>
    public SupervisionScope Scope { get; init; }

    /// <summary>How many restarts of one child are allowed within <see cref="Window"/>; one more and it is stopped. Default 10; 0 to 1,000.</summary>
    public int RestartsMax
    {
        get;
        init => field = value is >= 0 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(RestartsMax)} must be 0 to 1,000.");
    } = 10;

    /// <summary>The time over which restarts are counted. Default one minute; more than zero.</summary>
    public TimeSpan Window
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Window)} must be more than zero.");
    } = TimeSpan.FromMinutes(1);

    /// <summary>The pauses before restarts.</summary>
    public Backoff Backoff { get; init; } = Backoff.Default;

    /// <summary>Decides about one failure. Changes nothing.</summary>
    /// <param name="failure">What the child threw.</param>
    /// <param name="history">The child's restarts so far.</param>
    /// <param name="now">The time of the failure.</param>
    /// <param name="random">Where the jitter comes from.</param>
    /// <returns>The verdict, and the history with it.</returns>
    public SupervisionDecision Decide(Exception failure, RestartHistory history, DateTimeOffset now, Random random)
    {
        Directive directive = Decider(failure);
        if (directive != Directive.Restart) return new SupervisionDecision(directive, TimeSpan.Zero, history);
        RestartHistory recent = history.Since(now - Window);
        if (recent.Count >= RestartsMax) return new SupervisionDecision(Directive.Stop, TimeSpan.Zero, recent);
        return new SupervisionDecision(Directive.Restart, Backoff.Delay(recent.Count, random), recent.Add(now));
    }
}

/// <summary>The outcome of <see cref="SupervisionStrategy.Decide"/>.</summary>
/// <param name="Directive">What is to be done.</param>
/// <param name="Delay">How long to wait before a restart.</param>
/// <param name="History">The restarts of the child, this one included.</param>
public sealed record SupervisionDecision(Directive Directive, TimeSpan Delay, RestartHistory History);

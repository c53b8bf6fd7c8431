namespace ActorGrid.Failover;

/// <summary>How an ask ended.</summary>
internal enum Outcome : byte
{
    Answered,
    TimedOut,
    Failed,
}

/// <summary>One ask as the client saw it. Times are of <see cref="HostClock"/>.</summary>
/// <param name="Entity">The index of the entity.</param>
/// <param name="Number">What a write added; of a read, 0.</param>
/// <param name="Due">When the schedule wanted it sent: latency counts from here, so that a client that is late hides nothing.</param>
/// <param name="Sent">Just before it was sent.</param>
/// <param name="Ended">Just after its answer or failure was there.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reading">The answer, if there is one.</param>
internal readonly record struct Ask(int Entity, int Number, TimeSpan Due, TimeSpan Sent, TimeSpan Ended, Outcome Outcome, Reading Reading)
{
    public bool IsWrite => Number > 0;

    public bool IsAnswered => Outcome == Outcome.Answered;

    public TimeSpan Latency => Ended - Due;
}

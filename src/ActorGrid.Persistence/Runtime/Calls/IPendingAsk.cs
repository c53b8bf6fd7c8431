namespace ActorGrid.Persistence;

/// <summary>An ask of this node that waits for its reply, wherever it is worked on. At any time one holds it: a shard, or the router; only
/// the holder calls what is here.</summary>
internal interface IPendingAsk : IEntityCall
{
    /// <summary>How long the caller waits in all.</summary>
    TimeSpan Timeout { get; }

    /// <summary>The timestamp of the ask, by the clock of the system.</summary>
    long AskedAt { get; }

    /// <summary>Where it is, for the error of a deadline that passes; null, which it is while a shard holds it: the stage there says
    /// it.</summary>
    string? Whereabouts { get; set; }

    /// <summary>Whether somebody had it before and may have executed it, or may yet: that it is not taken in now says nothing about
    /// that.</summary>
    bool MayHaveRun { get; set; }

    /// <summary>Takes the outcome that another node has sent.</summary>
    /// <exception cref="InvalidOperationException">It is <see cref="AskStatus.NotOwner"/> or <see cref="AskStatus.Expired"/>, which are for
    /// the router to deal with.</exception>
    void Complete(AskStatus status, ReadOnlyMemory<byte> payload);

    /// <summary>Ends it for good: it is not sent again.</summary>
    void GiveUp(Exception reason);
}

/// <summary>Gets back asks whose shard was lost under them, or was full when they came again, to send them to where it is now.</summary>
/// <remarks>Called on the turn of a shard, or by whoever has just given the ask to it; must neither wait nor throw.</remarks>
internal interface IAskRetry
{
    /// <summary>Takes one, and holds it from now on.</summary>
    /// <param name="ask">The ask.</param>
    /// <param name="pause">For how long its shard wants to see nobody.</param>
    void Retry(IPendingAsk ask, TimeSpan pause);
}

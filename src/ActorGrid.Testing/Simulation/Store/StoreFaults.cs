namespace ActorGrid.Testing;

/// <summary>The calls that a simulated node makes of its store.</summary>
internal enum StoreOperation
{
    Open,
    RaiseFences,
    Append,
    Read,
    ForgetReplies,
    SaveSnapshots,
    ReadView,
    WriteView,
    OpenLease,
    RenewLease,
    ReadLeases,
    EndLease,
    MoveCursors,
    RemoveEvents,
}

/// <summary>What becomes of one call.</summary>
internal enum StoreFault
{
    /// <summary>It is performed and answered.</summary>
    None,

    /// <summary>It is not performed, and the caller learns that soon.</summary>
    Refused,

    /// <summary>It is not performed, and the caller learns soon that to try again does not help, as of a full disk. By script only.</summary>
    RefusedForGood,

    /// <summary>It is not performed, and the caller learns nothing of it but an error, after a while.</summary>
    RequestLost,

    /// <summary>It is performed, and the caller learns nothing of it but an error.</summary>
    AnswerLost,

    /// <summary>The caller gets an error at once; it is performed later: after somebody's next read, or after a while.</summary>
    PerformedLate,

    /// <summary>It is performed after a long while, and answered.</summary>
    Slow,
}

/// <summary>How often calls of the store go wrong. Each is a probability, from 0 to 1; all are 0 by default.</summary>
internal sealed class StoreFaultRates
{
    public double Refused { get; set; }

    public double RequestLost { get; set; }

    public double AnswerLost { get; set; }

    public double PerformedLate { get; set; }

    public double Slow { get; set; }

    public static StoreFaultRates None => new();

    public StoreFault Draw(SeededRandom random)
    {
        double drawn = random.NextDouble();
        if ((drawn -= Refused) < 0) return StoreFault.Refused;
        if ((drawn -= RequestLost) < 0) return StoreFault.RequestLost;
        if ((drawn -= AnswerLost) < 0) return StoreFault.AnswerLost;
        if ((drawn -= PerformedLate) < 0) return StoreFault.PerformedLate;
        return (drawn - Slow) < 0 ? StoreFault.Slow : StoreFault.None;
    }
}

namespace Sessions;

/// <summary>What one session has to hold, by the ledger.</summary>
internal sealed class ExpectedSession
{
    public Fingerprint Events { get; private set; }

    public long Views { get; private set; }

    public long Purchases { get; private set; }

    public long Cents { get; private set; }

    /// <summary>Events that were sent and not acknowledged: each may be there or not.</summary>
    public List<Planned> Undecided { get; } = [];

    public void Add(Activity activity)
    {
        Events += FingerprintOf(activity);
        switch (activity)
        {
            case PageView:
                Views++;
                break;
            case Purchase p:
                Purchases++;
                Cents += p.Cents;
                break;
        }
    }

    public static Fingerprint FingerprintOf(Activity activity) => activity switch
    {
        PageView v => Fingerprint.OfPageView(v.Number, v.Path),
        Purchase p => Fingerprint.OfPurchase(p.Number, p.Sku, p.Cents),
        _ => throw new InvalidOperationException($"The proof has no fingerprint for {activity.GetType().Name}: add it to Fingerprint."),
    };
}

/// <summary>What all sessions have to hold, by the ledger. Its size depends on the sessions and on what was not acknowledged, not on the
/// length of the ledger.</summary>
internal sealed class Expectations
{
    private readonly Dictionary<string, ExpectedSession> _sessions = [];

    public IReadOnlyDictionary<string, ExpectedSession> Sessions => _sessions;

    public long Acknowledged { get; private set; }

    public long Dropped { get; private set; }

    /// <summary>The lowest number above all that the ledger has used.</summary>
    public long NextNumber { get; private set; } = 1;

    public IEnumerable<Planned> Undecided => _sessions.Values.SelectMany(s => s.Undecided);

    /// <summary>Adds up a ledger.</summary>
    /// <exception cref="LedgerDamagedException">The ledger contradicts itself.</exception>
    public static Expectations Read(string directory)
    {
        var expected = new Expectations();
        var open = new Dictionary<long, Planned>();
        foreach (var record in LedgerFiles.Read(directory))
        {
            LedgerDamagedException Contradiction(string what) => new(directory, $"event {record.Number} is {what}");
            if (record is Planned planned)
            {
                // Numbers only grow, so one check tells that none is used twice.
                if (planned.Number < expected.NextNumber) throw Contradiction("planned twice");
                expected.NextNumber = planned.Number + 1;
                open.Add(planned.Number, planned);
                expected.Of(planned.Session);
                continue;
            }
            if (!open.Remove(record.Number, out var settled)) throw Contradiction("settled, but was not open");
            if (record is Acknowledged) expected.Acknowledge(settled);
            else expected.Dropped++;
        }
        foreach (var planned in open.Values) expected.Of(planned.Session).Undecided.Add(planned);
        return expected;
    }

    /// <summary>An event that was undecided has been acknowledged now.</summary>
    public void Settle(Planned planned)
    {
        Of(planned.Session).Undecided.Remove(planned);
        Acknowledge(planned);
    }

    private void Acknowledge(Planned planned)
    {
        Acknowledged++;
        Of(planned.Session).Add(planned.Activity);
    }

    private ExpectedSession Of(string session)
    {
        if (!_sessions.TryGetValue(session, out var expected)) _sessions.Add(session, expected = new ExpectedSession());
        return expected;
    }
}

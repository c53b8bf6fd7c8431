namespace Sessions;

/// <summary>What the comparison of one session with the ledger came to.</summary>
/// <param name="Failure">Why it is not proven; null if it is.</param>
/// <param name="UndecidedThere">How many of the undecided events turned out to be there.</param>
internal sealed record Verdict(string? Failure, int UndecidedThere)
{
    /// <summary>
    /// Compares what a session holds with what the ledger says. Proven means: it holds the acknowledged events, each once, and beside them
    /// none but undecided events, each at most once; and its running totals are those of these events.
    /// </summary>
    public static Verdict On(string session, ExpectedSession expected, Summary found)
    {
        var difference = found.Events - expected.Events;
        ulong chosen = 0;
        if (difference != default)
        {
            var candidates = expected.Undecided.Select(u => ExpectedSession.FingerprintOf(u.Activity)).ToList();
            var result = Subset.Find(difference, candidates, out chosen);
            if (result == SubsetResult.Ambiguous)
            {
                return Fail($"{session}: {candidates.Count} events are undecided, too many to tell which of them are there");
            }
            if (result == SubsetResult.None) return Fail($"{session}: {Describe(expected, found, difference)}");
        }

        var there = expected.Undecided.Where((_, i) => (chosen >> i & 1) != 0).Select(u => u.Activity).ToList();
        long views = expected.Views + there.Count(a => a is PageView), purchases = expected.Purchases + there.Count(a => a is Purchase);
        long cents = expected.Cents + there.OfType<Purchase>().Sum(p => p.Cents);
        return (views, purchases, cents) == (found.Views, found.Purchases, found.Cents)
            ? new Verdict(Failure: null, there.Count)
            : Fail($"{session}: its events are right, but its totals are {found.Views} views, {found.Purchases} purchases, "
                + $"{found.Cents} cents instead of {views}, {purchases}, {cents}");
    }

    private static Verdict Fail(string failure) => new(failure, 0);

    private static string Describe(ExpectedSession expected, Summary found, Fingerprint difference)
    {
        string counts = $"it holds {found.Events.Count} events, {expected.Events.Count} were acknowledged"
            + (expected.Undecided.Count > 0 ? $" and {expected.Undecided.Count} are undecided" : "");
        return difference.Count switch
        {
            < 0 => $"events are lost: {counts}",
            0 => $"events are altered, or one is lost and another doubled: {counts}",
            _ => $"events are doubled or unknown to the ledger: {counts}",
        };
    }
}

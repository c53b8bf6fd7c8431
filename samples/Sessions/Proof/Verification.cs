using System.Collections.Concurrent;
using ActorGrid.Persistence;

namespace Sessions;

/// <summary>
/// Proves that every acknowledged event is in the state exactly once:
/// <list type="number">
/// <item>It reads the ledger: which events were acknowledged, and which were planned and got no answer before the process ended.</item>
/// <item>It settles the latter by sending them again under the same command ids. Whether such an event had been written or not, afterwards
/// it is there once and acknowledged; if the grid broke its promise and wrote it again, the next step sees that.</item>
/// <item>It asks each session for its summary and compares the fingerprint of its events and its totals with those that follow from the
/// ledger (see <see cref="Verdict"/>).</item>
/// </list>
/// An event too old to be sent again, since the grid keeps command ids for ten minutes only, may be there or not; which of the two follows
/// from the fingerprint (see <see cref="Subset"/>).
/// </summary>
/// <param name="directory">Where the ledger is.</param>
/// <param name="send">Sends an event and completes with its acknowledgement.</param>
/// <param name="query">Asks a session for its summary.</param>
/// <param name="report">Is told each step.</param>
internal sealed class Verification(string directory, Func<Planned, Task> send, Func<string, Task<Summary>> query, Action<string> report)
{
    private const int FailuresShown = 10;

    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 256 };

    /// <summary>Verifies, and reports each step.</summary>
    public async Task<Conclusion> RunAsync()
    {
        var expected = Expectations.Read(directory);
        if (expected.NextNumber == 1)
        {
            return new Conclusion(IsProven: false, $"the ledger in {directory} holds no events, so there is nothing to verify");
        }
        int open = expected.Undecided.Count();
        report($"ledger: {expected.Acknowledged} events acknowledged, {open} without an answer, {expected.Dropped} never sent");
        await SettleAsync(expected);

        var verdicts = await CompareAsync(expected);
        var failures = verdicts.Select(v => v.Failure).OfType<string>().Order(StringComparer.Ordinal).ToList();
        report($"compared: {verdicts.Count} sessions, by count, sum and xor of the hashes of their events, and by their totals");
        int undecided = expected.Undecided.Count();
        if (undecided > 0 && failures.Count == 0)
        {
            report($"undecided: of {undecided} events {verdicts.Sum(v => v.UndecidedThere)} are there once, the others are not");
        }
        foreach (string failure in failures.Take(FailuresShown)) report(failure);
        return failures.Count == 0
            ? new Conclusion(IsProven: true, $"{expected.Acknowledged} acknowledged events, each there exactly once")
            : new Conclusion(IsProven: false, $"{failures.Count} of {verdicts.Count} sessions do not hold what was acknowledged");
    }

    private async Task SettleAsync(Expectations expected)
    {
        var open = expected.Undecided.ToList();
        if (open.Count == 0) return;
        var settled = new ConcurrentBag<Planned>();
        await using (var ledger = new LedgerWriter(directory))
        {
            await Parallel.ForEachAsync(open, Parallelism, async (planned, _) =>
            {
                try
                {
                    await send(planned);
                }
                catch (OutcomeUnknownException)
                {
                    return;
                }
                await ledger.AppendAsync(new Acknowledged(planned.Number));
                settled.Add(planned);
            });
        }
        foreach (var planned in settled) expected.Settle(planned);
        int tooOld = open.Count - settled.Count;
        report($"settled: {settled.Count} events sent (again) under their command ids and acknowledged, {tooOld} too old for that");
    }

    private async Task<IReadOnlyCollection<Verdict>> CompareAsync(Expectations expected)
    {
        var verdicts = new ConcurrentBag<Verdict>();
        await Parallel.ForEachAsync(expected.Sessions, Parallelism, async (session, _) =>
            verdicts.Add(Verdict.On(session.Key, session.Value, await query(session.Key))));
        return verdicts;
    }
}

/// <summary>What a verification came to.</summary>
/// <param name="IsProven">Whether every acknowledged event is in the state exactly once.</param>
/// <param name="Text">What was proven, or why it was not.</param>
internal sealed record Conclusion(bool IsProven, string Text)
{
    /// <summary>The last line of the program.</summary>
    public override string ToString() => (IsProven ? "verified: " : "FAILED: ") + Text;
}

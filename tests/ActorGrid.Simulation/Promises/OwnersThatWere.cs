using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>
/// "There is one owner of a shard at a time, and whoever was owner before has lost the right to answer before the next one answers." "A node that wakes up
/// after it was declared dead answers nobody but the callers of writes that it had committed before, and forwards nothing. It joins again as a new
/// incarnation." "No read is stale."
/// </summary>
public sealed class OwnersThatWere
{
    private static readonly TimeSpan LongerThanALease = TimeSpan.FromSeconds(7);

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    [InlineData(-20_000)]
    public void One_that_is_cut_off_answers_its_own_callers_only_until_the_next_one_may(int driftPpm) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        node.Machine.Clock.SetDrift(driftPpm);
        var clerk = new Clerk(grid, grid.LedgerOn(node)).Begin(node, TimeSpan.FromMilliseconds(2));
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        using var cut = grid.Cut([node], grid.Others(node));
        using var outage = grid.Seed % 2 == 0 ? grid.StoreAway(node) : null;
        // The other side writes as soon as it can; what the one reads after that must show it.
        clerk.Begin(from: null, TimeSpan.FromMilliseconds(2));
        await grid.DelayAsync(TimeSpan.FromSeconds(6));
        cut.Dispose();
        outage?.Dispose();
        await clerk.EndAsync();
    });

    /// <summary>It learns that its lease was revoked by the next renewal alone, since no write of its own is refused.</summary>
    [Fact]
    public void One_that_is_cut_off_with_nothing_to_write_answers_reads_only_until_the_next_one_may() => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node));
        await clerk.AddAsync(node);
        await grid.DelayAsync(TimeSpan.FromMilliseconds(500 + grid.Random.Next(1000)));
        using var cut = grid.Cut([node], grid.Others(node));
        clerk.Begin(from: null, TimeSpan.FromMilliseconds(2));
        for (var until = grid.Elapsed + TimeSpan.FromSeconds(6); grid.Elapsed < until; await grid.DelayAsync(TimeSpan.FromMilliseconds(2)))
        {
            var read = clerk.CountAsync(node);
            await Task.WhenAny(read, grid.DelayAsync(until - grid.Elapsed));
            if (read.IsCompleted) await read;
        }
        Assert.NotEqual(node, clerk.Owner);
        cut.Dispose();
        await clerk.EndAsync();
    });

    [Theory]
    [InlineData("paused")]
    [InlineData("suspended")]
    public void One_that_slept_answers_no_read_from_what_it_remembers(string how) => Stage.Play(Stage.Ledgers(), async grid =>
    {
        var node = grid.Nodes[0];
        var clerk = new Clerk(grid, grid.LedgerOn(node));
        await clerk.AddAsync(node);
        await clerk.CountAsync(node);
        Sleep(node, how);
        // The next owner has taken over by then, and acknowledges a write; then the sleeper is asked, and finds the ask when it wakes up.
        await clerk.AddAsync();
        Assert.NotEqual(node, clerk.Owner);
        var reads = Enumerable.Range(0, 10).Select(_ => clerk.CountAsync(node)).ToArray();
        foreach (var read in reads) Assert.Equal(2, await read);
        await clerk.CheckAsync();
    });

    [Theory]
    [InlineData("paused")]
    [InlineData("suspended")]
    public void One_that_slept_answers_nothing_but_what_it_had_committed_forwards_nothing_and_joins_again(string how) => Stage.Play(Stage.Ledgers(nodes: 4), async grid =>
    {
        var (sleeper, one, other) = (grid.Nodes[0], grid.Nodes[1], grid.Nodes[2]);
        var before = grid.MemberOf(sleeper)!.Incarnation;
        // Asks between these two are relayed, by the sleeper too.
        using var cut = grid.Cut([one], [other], withClient: false);
        bool isAsleep = false, hasCommitted = false, isAwake = false, isBack = false;
        var asked = new Dictionary<(long Machine, long Request), (string Command, bool IsEarly)>();
        grid.Watch(entry =>
        {
            if (entry.Machine != sleeper.Machine.Number || isBack) return;
            if (entry.Written()?.Members.Any(member => member.Endpoint == sleeper.Name) == true) isBack = true;
            if (entry.Kind == TraceKind.FrameDelivered && entry.Message() is AskSent ask) asked[(entry.B, ask.Request)] = (ask.Command, !isAsleep);
            hasCommitted |= isAsleep && !isAwake && entry.Kind == TraceKind.StorePerformed;
            if (entry.Kind != TraceKind.FrameSent || !isAwake) return;
            // The reply to a write that was committed is true for good, and so is that to a read which waited for that commit.
            bool isFault = entry.Message() is AskSent
                || (entry.Message() is AskAnswered { Status: AskStatus.Replied } answer && asked[(entry.B, answer.Request)] is var (command, isEarly) && command != "add" && !(isEarly && hasCommitted));
            if (isFault) grid.World.Fail(new PromiseBrokenException($"{sleeper} has woken up after it was declared dead, and sends {entry.Message()}."));
        });
        Clerk[] clerks =
        [
            new Clerk(grid, grid.LedgerOn(sleeper)).Begin().Begin(one).Begin(other),
            new Clerk(grid, grid.LedgerOn(other)).Begin(one),
            new Clerk(grid, grid.LedgerOn(one)).Begin(other),
        ];
        await grid.DelayAsync(TimeSpan.FromSeconds(6));
        isAsleep = true;
        Sleep(sleeper, how);
        grid.World.After(LongerThanALease - TimeSpan.FromTicks(1), () => isAwake = true);
        await grid.DelayAsync(LongerThanALease - TimeSpan.FromMilliseconds(1));
        Assert.Null(grid.MemberOf(sleeper));
        await grid.UntilAsync(() => grid.MemberOf(sleeper) is { Status: MemberStatus.Up }, "it joins again", TimeSpan.FromSeconds(5));
        Assert.NotEqual(before, grid.MemberOf(sleeper)!.Incarnation);
        Assert.True(isBack);
        cut.Dispose();
        foreach (var clerk in clerks) await clerk.EndAsync();
    });

    [Fact]
    public void One_that_slept_through_its_next_write_finds_its_fence_gone()
    {
        int fencedOff = 0;
        Stage.Play(Stage.Ledgers(), async grid =>
        {
            var node = grid.Nodes[0];
            var clerk = new Clerk(grid, grid.LedgerOn(node)).Begin(node, TimeSpan.FromMilliseconds(1));
            clerk.Begin(node, TimeSpan.FromMilliseconds(1));
            await grid.DelayAsync(TimeSpan.FromMilliseconds(500 + grid.Random.Next(500)));
            Sleep(node, "paused");
            await grid.DelayAsync(LongerThanALease + TimeSpan.FromSeconds(1));
            await clerk.EndAsync();
            fencedOff += grid.Journal.FencedOff;
        }, seeds: 10);
        Assert.True(fencedOff > 0, "No append was fenced off: the script did not provoke what it is about.");
    }

    private static void Sleep(SimulatedNode node, string how)
    {
        if (how == "paused") node.Pause(LongerThanALease);
        else node.Suspend(LongerThanALease);
    }
}

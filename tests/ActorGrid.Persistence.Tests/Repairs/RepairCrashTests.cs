using System.Text;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>The repair is there or it is not, whatever becomes of its append and of the process; who has the receipt finds it there, once.</summary>
public sealed class RepairCrashTests
{
    private static readonly Repair Skip = new Repair("ada", "It was never meant.").Skip(2);

    [Theory]
    [InlineData(AppendFault.Refuse, true)]
    [InlineData(AppendFault.RefuseForGood, false)]
    [InlineData(AppendFault.LoseAppend, true)]
    [InlineData(AppendFault.LoseAnswer, true)]
    [InlineData(AppendFault.CommitLate, true)]
    public void An_append_that_fails_leaves_all_or_nothing_and_who_waits_is_answered(AppendFault fault, bool isRepaired)
    {
        var rig = Broken();
        rig.Script(fault);
        var repair = rig.Ask("ledger", "a", new RepairEntity<Ledger>(Skip));
        var waiting = rig.Ask("ledger", "a", new GetNumbers());
        rig.Advance(TimeSpan.FromSeconds(5));

        if (isRepaired)
        {
            Assert.Equal(4, rig.Result(repair).Sequence);
            Assert.Equal([1, 3], rig.Result(waiting).AsEnumerable());
        }
        else
        {
            rig.Failure<StoreException>(repair);
            rig.Failure<QuarantinedException>(waiting);
        }
        rig.Restart();
        AssertState(rig, isRepaired);
    }

    [Theory]
    [InlineData(AppendFault.HoldCommit, false)]
    [InlineData(AppendFault.HoldAnswer, true)]
    public void A_process_that_dies_in_the_middle_leaves_all_or_nothing(AppendFault fault, bool isRepaired)
    {
        var rig = Broken();
        rig.Script(fault);
        var id = new AskOptions { CommandId = CommandId.New(rig.Clock.GetUtcNow(), new SeededRandom(1)) };
        var repair = rig.Ask("ledger", "a", new RepairEntity<Ledger>(Skip), id);
        rig.Run();
        Assert.False(repair.IsCompleted);

        rig.Restart();

        AssertState(rig, isRepaired);
        // Who did not learn of it sends it again under its id.
        Assert.Equal(4, rig.Do("ledger", "a", new RepairEntity<Ledger>(Skip), id).Sequence);
        AssertState(rig, isRepaired: true);
    }

    [Fact]
    public void A_repair_whose_deadline_passes_while_it_is_tried_is_not_written_and_others_go_on()
    {
        var rig = Broken();
        rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers()));
        rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Hold : CallFault.None;
        var repair = rig.Ask("ledger", "a", new RepairEntity<Ledger>(Skip), new AskOptions { Timeout = TimeSpan.FromSeconds(1) });
        rig.Run();
        var waiting = rig.Ask("ledger", "a", new GetNumbers());
        rig.Advance(TimeSpan.FromSeconds(2));
        rig.Store.OnCall = static _ => CallFault.None;
        while (rig.Store.HeldCount > 0)
        {
            rig.Store.ReleaseNext();
            rig.Run();
        }

        rig.Failure<ActorGrid.Actors.AskTimeoutException>(repair);
        rig.Failure<QuarantinedException>(waiting);
        Assert.Equal(3, rig.History("ledger", "a").Count);
    }

    [Fact]
    public void A_history_that_cannot_be_read_for_the_trial_is_no_repair()
    {
        var rig = Broken();
        rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers()));
        rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Fail : CallFault.None;
        rig.Failure<StoreException>(rig.Ask("ledger", "a", new RepairEntity<Ledger>(Skip)));
        rig.Store.OnCall = static _ => CallFault.None;
        rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers()));
        rig.Do("ledger", "a", new RepairEntity<Ledger>(Skip));
        AssertState(rig, isRepaired: true);
    }

    private static void AssertState(Rig rig, bool isRepaired)
    {
        Assert.Equal(isRepaired ? 1 : 0, rig.History("ledger", "a").Count(e => e.Manifest == "$repair"));
        if (isRepaired) Assert.Equal([1, 3], rig.Numbers());
        else rig.Failure<QuarantinedException>(rig.Ask("ledger", "a", new GetNumbers()));
        Assert.Equal("{oops", Encoding.UTF8.GetString(rig.History("ledger", "a")[1].Payload.Span));
    }

    private static Rig Broken()
    {
        var rig = LedgerRig.New();
        rig.Journal.Append(rig.Grid, LedgerRig.A, ("added", """{"Number":1}"""), ("added", "{oops"), ("added", """{"Number":3}"""));
        rig.Restart();
        return rig;
    }
}

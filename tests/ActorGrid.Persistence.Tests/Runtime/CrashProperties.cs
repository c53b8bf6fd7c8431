using ActorGrid.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Persistence.Tests;

/// <summary>Random histories of asks, faults, repeats, restarts and time, against what every caller was told.</summary>
public sealed class CrashProperties
{
    private const int Keys = 3;

    [Fact]
    public void Whatever_fails_each_acknowledged_command_is_there_once_and_replies_repeat() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(Arb.From(GenHistory(), Shrink), steps => Holds(steps, isEncrypted: false)));

    /// <summary>The key store fails, too.</summary>
    [Fact]
    public void The_same_holds_for_what_is_encrypted() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(75), Prop.ForAll(Arb.From(GenHistory(), Shrink), steps => Holds(steps, isEncrypted: true)));

    private static Gen<IReadOnlyList<Step>> GenHistory() => Gen.ListOf(GenStep()).Select(steps => (IReadOnlyList<Step>)[.. steps]);

    private static Gen<Step> GenStep() => Gen.Frequency(
        (8, Gen.Choose(0, Keys - 1).Select(key => (Step)new AskStep(key))),
        (2, Gen.Choose(0, 50).Select(index => (Step)new RepeatStep(index))),
        (2, Gen.Choose(0, Keys - 1).Select(key => (Step)new RemindStep(key))),
        (4, Gen.Elements(
            AppendFault.Refuse, AppendFault.RefuseForGood, AppendFault.LoseAppend, AppendFault.LoseAnswer, AppendFault.CommitLate, AppendFault.HoldCommit,
            AppendFault.HoldAnswer).Select(fault => (Step)new FaultStep(fault))),
        (2, Gen.Elements(CallFault.Fail, CallFault.LoseAnswer, CallFault.Hold).Select(fault => (Step)new CallFaultStep(fault))),
        (3, Gen.Constant((Step)new RunStep())),
        (3, Gen.Choose(1, 90).Select(seconds => (Step)new TimeStep(seconds))),
        (1, Gen.Constant((Step)new StopStep())),
        (1, Gen.Constant((Step)new RestartStep())));

    private static IEnumerable<IReadOnlyList<Step>> Shrink(IReadOnlyList<Step> all)
    {
        for (int size = all.Count / 2; size >= 1; size /= 2)
        {
            for (int start = 0; start + size <= all.Count; start += size) yield return [.. all.Take(start), .. all.Skip(start + size)];
        }
    }

    private static bool Holds(IReadOnlyList<Step> steps, bool isEncrypted) => Holds(steps, new EntityHostOptions { RepliesInMemoryMax = 4 }, isEncrypted)
        && Holds(steps, new EntityHostOptions { RepliesInMemoryMax = 4, AppendRowsMax = 2, EntitiesInMemoryMax = 1 }, isEncrypted);

    private static bool Holds(IReadOnlyList<Step> steps, EntityHostOptions options, bool isEncrypted)
    {
        var run = new HistoryRun(options, isEncrypted ? new InMemoryKeyStore() : null);
        foreach (var step in steps) run.Take(step);
        run.End();
        return true;
    }
}

public abstract record Step;

public sealed record AskStep(int Key) : Step;

public sealed record RepeatStep(int Index) : Step;

public sealed record RemindStep(int Key) : Step;

public sealed record FaultStep(AppendFault Fault) : Step;

public sealed record CallFaultStep(CallFault Fault) : Step;

public sealed record RunStep : Step;

public sealed record TimeStep(int Seconds) : Step;

public sealed record RestartStep : Step;

/// <summary>A stop whose patience ends at once, and a new start.</summary>
public sealed record StopStep : Step;

/// <summary>Runs a history and keeps what the callers know.</summary>
internal sealed class HistoryRun(EntityHostOptions options, InMemoryKeyStore? keys)
{
    private readonly Rig _rig = LedgerRig.New(
        new EntityOptions { SnapshotEvery = 3, PassivateAfter = TimeSpan.FromSeconds(30), Keys = keys }, options);
    private readonly Random _random = new SeededRandom(1);
    private readonly List<Sent> _sent = [];
    private readonly List<Task> _asksOfThisLife = [];
    private readonly List<(int Number, string Key, DateTimeOffset Due)> _reminders = [];
    private readonly Queue<AppendFault> _appendFaults = [];
    private readonly Queue<CallFault> _callFaults = [];
    private int _next;
    private int _keyCalls;

    public void Take(Step step)
    {
        switch (step)
        {
            case AskStep ask:
                Ask(new Sent(_next++, $"k{ask.Key}", CommandId.New(_rig.Clock.GetUtcNow(), _random)));
                break;
            case RepeatStep repeat when _sent.Count > 0:
                var first = _sent[repeat.Index % _sent.Count];
                if (_rig.Clock.GetUtcNow().ToUnixTimeMilliseconds() - first.Id.IssuedAtUnixMs < 500_000) Ask(first);
                break;
            case RemindStep remind:
                // Its number is taken as acknowledged only if the setting is; so set it without faults under way.
                Calm();
                int number = _next++;
                _rig.Do("ledger", $"k{remind.Key}", new AddLater($"r{number}", number, TimeSpan.FromSeconds(20)));
                _reminders.Add((number, $"k{remind.Key}", _rig.Clock.GetUtcNow().AddSeconds(20)));
                break;
            case FaultStep fault:
                _appendFaults.Enqueue(fault.Fault);
                break;
            case CallFaultStep fault:
                _callFaults.Enqueue(fault.Fault);
                break;
            case RunStep:
                _rig.Run();
                break;
            case TimeStep time:
                _rig.Advance(TimeSpan.FromSeconds(time.Seconds));
                break;
            case StopStep:
                Stop();
                break;
            case RestartStep:
                Restart();
                break;
        }
        // Every second call, so that none fails for ever.
        if (keys is not null) keys.OnCall = (_, _) => ++_keyCalls % 2 == 0 ? throw new TimeoutException("The vault is sealed.") : default;
        _rig.Store.OnAppend = _ => _appendFaults.TryDequeue(out var fault) ? fault : AppendFault.None;
        _rig.Store.OnCall = call => call != StoreCall.Open && _callFaults.TryDequeue(out var fault) ? fault : CallFault.None;
    }

    public void End()
    {
        Calm();
        Restart();
        _rig.Advance(TimeSpan.FromMinutes(2));
        var states = Enumerable.Range(0, 3).ToDictionary(k => $"k{k}", k => _rig.Numbers($"k{k}"), StringComparer.Ordinal);
        foreach (var numbers in states.Values) Assert.Equal(numbers.Distinct(), numbers);
        foreach (var (number, key, due) in _reminders)
        {
            if (due < _rig.Clock.GetUtcNow()) Assert.Contains(number, states[key]);
        }
        foreach (var sent in _sent)
        {
            int place = Array.IndexOf(states[sent.Key], sent.Number) + 1;
            foreach (var failed in sent.Asks.Where(a => a.IsFaulted)) Assert.True(IsScripted(failed.Exception!.InnerException!), failed.Exception.ToString());
            foreach (int reply in sent.Asks.Where(a => a.IsCompletedSuccessfully).Select(a => a.Result)) Assert.Equal(place, reply);
        }
        foreach (string key in states.Keys)
        {
            var history = _rig.History("ledger", key);
            Assert.Equal(Enumerable.Range(1, history.Count).Select(i => (long)i), history.Select(e => e.Sequence));
        }
    }

    /// <summary>Whether an ask may end so: its time was up, or the script said so. A conflict in the journal, above all, is none of the
    /// script's.</summary>
    private static bool IsScripted(Exception e) =>
        e is ActorGrid.Actors.AskTimeoutException or OwnershipLostException || (e is StoreException && e.Message.Contains("by script", StringComparison.Ordinal));

    private void Ask(Sent sent)
    {
        if (sent.Asks.Count == 0) _sent.Add(sent);
        var ask = _rig.Ask("ledger", sent.Key, new Add(sent.Number), new AskOptions { CommandId = sent.Id });
        sent.Asks.Add(ask);
        _asksOfThisLife.Add(ask);
    }

    private void Stop()
    {
        using var patience = new CancellationTokenSource();
        var stop = _rig.Begin(() => _rig.Host.StopAsync(patience.Token));
        patience.Cancel();
        _rig.Run();
        Assert.True(stop.IsCompletedSuccessfully, "The stop has not ended.");
        Assert.All(_asksOfThisLife, ask => Assert.True(ask.IsCompleted, "An ask outlived its host."));
        Restart();
    }

    private void Restart()
    {
        // The dead process's appends that are still under way land when the new one is up, too late.
        var old = _rig.Store;
        _callFaults.Clear();
        _asksOfThisLife.Clear();
        _rig.Restart();
        _rig.Run(() => old.LandLateAppendsAsync());
        while (old.HeldCount > 0) old.ReleaseNext();
    }

    /// <summary>No more faults, and what is held goes on.</summary>
    private void Calm()
    {
        _appendFaults.Clear();
        _callFaults.Clear();
        if (keys is not null) keys.OnCall = null;
        _rig.Store.OnAppend = _ => AppendFault.None;
        _rig.Store.OnCall = _ => CallFault.None;
        _rig.Run();
        while (_rig.Store.HeldCount > 0)
        {
            _rig.Store.ReleaseNext();
            _rig.Run();
        }
        _rig.Advance(TimeSpan.FromSeconds(3));
    }

    internal sealed record Sent(int Number, string Key, CommandId Id)
    {
        public List<Task<int>> Asks { get; } = [];
    }
}

using ActorGrid.Persistence;

namespace Sessions.Tests;

/// <summary>The proof holds on a grid that keeps its promises, whatever the client did not learn, and fails on each way to break
/// them.</summary>
public sealed class VerificationTests : IDisposable
{
    private const int Events = 40;

    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryGrid _grid = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Acknowledged_events_that_are_all_there_are_verified()
    {
        await LoadAsync();

        Assert.True(await VerifyAsync());
        Assert.Equal("verified: 40 acknowledged events, each there exactly once", _lines[^1]);
    }

    [Fact]
    public async Task An_event_without_an_answer_is_sent_again_whether_it_was_written_or_not()
    {
        await LoadAsync(answered: n => n % 4 != 0, written: n => n % 8 != 0);

        Assert.True(await VerifyAsync());
        Assert.Equal("verified: 40 acknowledged events, each there exactly once", _lines[^1]);
        Assert.Equal(Events, _grid.States.Values.Sum(s => s.Events.Count));
    }

    [Fact]
    public async Task What_was_settled_once_stays_settled()
    {
        await LoadAsync(answered: n => n > 5);
        Assert.True(await VerifyAsync());
        int sent = _grid.Sent;

        Assert.True(await VerifyAsync());
        Assert.Equal(sent, _grid.Sent);
    }

    [Fact]
    public async Task An_event_too_old_to_be_sent_again_may_be_there_or_not()
    {
        await LoadAsync(answered: n => n > 10, written: n => n > 10 || n % 2 == 0, forgotten: n => n <= 10);

        Assert.True(await VerifyAsync());
        Assert.Contains("undecided: of 10 events 5 are there once, the others are not", _lines);
        Assert.Equal("verified: 30 acknowledged events, each there exactly once", _lines[^1]);
    }

    [Fact]
    public async Task A_lost_event_fails()
    {
        _grid.Write = a => a.Number == 7 ? null : a;
        await LoadAsync();

        await FailsAsync("events are lost: it holds 7 events, 8 were acknowledged");
    }

    [Fact]
    public async Task A_lost_event_fails_beside_undecided_ones()
    {
        _grid.Write = a => a.Number == 27 ? null : a;
        await LoadAsync(answered: n => n > 10, written: n => n > 10 || n % 2 == 0, forgotten: n => n <= 10);

        await FailsAsync("session-2:");
    }

    [Fact]
    public async Task A_doubled_event_fails()
    {
        await LoadAsync();
        _grid.Apply("session-2", ActivityOf(7));

        await FailsAsync("doubled or unknown");
    }

    [Fact]
    public async Task An_undecided_event_that_is_there_twice_fails()
    {
        await LoadAsync(answered: n => n != 7, forgotten: n => n == 7);
        _grid.Apply("session-2", ActivityOf(7));

        await FailsAsync("doubled or unknown");
    }

    [Fact]
    public async Task An_altered_event_fails()
    {
        _grid.Write = a => a is Purchase { Number: 6 } p ? p with { Cents = p.Cents + 1 } : a;
        await LoadAsync();

        await FailsAsync("altered");
    }

    [Fact]
    public async Task A_loss_made_up_for_by_a_double_fails()
    {
        _grid.Write = a => a.Number == 7 ? ActivityOf(2) : a;
        await LoadAsync();

        await FailsAsync("one is lost and another doubled");
    }

    [Fact]
    public async Task An_event_that_the_ledger_says_was_never_sent_fails()
    {
        await LoadAsync();
        await using (var ledger = new LedgerWriter(_directory.Path)) await ledger.AppendAsync(Plan(Events + 1), new Dropped(Events + 1));
        Assert.True(await VerifyAsync());
        _grid.Apply(Plan(Events + 1).Session, ActivityOf(Events + 1));

        await FailsAsync("doubled or unknown");
    }

    [Fact]
    public async Task Totals_that_do_not_follow_from_the_events_fail()
    {
        await LoadAsync();
        _grid.States["session-3"] = _grid.States["session-3"] with { Cents = 1 };

        await FailsAsync("its totals are");
    }

    [Fact]
    public async Task An_empty_directory_proves_nothing()
    {
        Assert.False(await VerifyAsync());
        Assert.StartsWith("FAILED: the ledger in", Assert.Single(_lines), StringComparison.Ordinal);
    }

    private static Activity ActivityOf(long number) =>
        number % 3 == 0 ? new Purchase(number, "tea", number * 100) : new PageView(number, "/cart");

    private static Planned Plan(long number) =>
        new(CommandId.New(DateTimeOffset.UnixEpoch.AddDays(1), new Random((int)number)), $"session-{number % 5}", ActivityOf(number));

    /// <summary>The trace of a load: which of its events got an answer, were written without one, and are too old to be sent
    /// again.</summary>
    private async Task LoadAsync(Func<long, bool>? answered = null, Func<long, bool>? written = null, Func<long, bool>? forgotten = null)
    {
        await using var ledger = new LedgerWriter(_directory.Path);
        for (long number = 1; number <= Events; number++)
        {
            var planned = Plan(number);
            await ledger.AppendAsync(planned);
            if (written?.Invoke(number) ?? true) await _grid.SendAsync(planned);
            if (answered?.Invoke(number) ?? true) await ledger.AppendAsync(new Acknowledged(number));
            if (forgotten?.Invoke(number) ?? false) _grid.Forgotten.Add(planned.Id);
        }
    }

    private async Task<bool> VerifyAsync()
    {
        var conclusion = await new Verification(_directory.Path, _grid.SendAsync, _grid.QueryAsync, _lines.Add).RunAsync();
        _lines.Add(conclusion.ToString());
        return conclusion.IsProven;
    }

    private async Task FailsAsync(string reason)
    {
        Assert.False(await VerifyAsync());
        Assert.StartsWith("FAILED: ", _lines[^1], StringComparison.Ordinal);
        Assert.Contains(_lines, l => l.Contains(reason, StringComparison.Ordinal));
    }
}

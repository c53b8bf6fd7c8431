namespace ActorGrid.Persistence.Tests;

public sealed class ReplyMemoryTests
{
    private readonly Budget _budget = new(3);
    private readonly ReplyMemory _memory;

    public ReplyMemoryTests() => _memory = new ReplyMemory(_budget, markUnixMs: 1000);

    [Theory]
    [InlineData(1001, nameof(IdVerdict.New))]
    [InlineData(1000, nameof(IdVerdict.LookUp))]
    [InlineData(500, nameof(IdVerdict.LookUp))]
    [InlineData(499, nameof(IdVerdict.TooOld))]
    [InlineData(62_000, nameof(IdVerdict.New))]
    [InlineData(62_001, nameof(IdVerdict.FromTheFuture))]
    public void An_unknown_id_is_judged_by_its_birth(long issued, string verdict) =>
        Assert.Equal(verdict, _memory.Judge(LedgerRig.A, Id(issued), nowUnixMs: 2000, forgottenBeforeUnixMs: 500, out _).ToString());

    [Fact]
    public void What_is_evicted_raises_the_mark()
    {
        for (int i = 1; i <= 5; i++)
        {
            _memory.Add(Reply(1000 + i), append: i);
            _memory.DurableThrough = i;
        }

        Assert.Equal(3, _memory.Count);
        Assert.Equal(1002, _memory.MarkUnixMs);
        Assert.Equal(IdVerdict.LookUp, Judge(1002));
        Assert.Equal(IdVerdict.Known, Judge(1003));
    }

    [Fact]
    public void What_is_being_committed_is_never_evicted()
    {
        for (int i = 1; i <= 5; i++) _memory.Add(Reply(1000 + i), append: 1);

        Assert.Equal(5, _memory.Count);
        Assert.Equal(1000, _memory.MarkUnixMs);
    }

    [Fact]
    public void What_is_dropped_is_new_again()
    {
        var reply = Reply(1001);
        _memory.Add(reply, append: 1);
        _memory.Drop([reply]);

        Assert.Equal(IdVerdict.New, Judge(1001));
        Assert.Equal(0, _budget.Taken);
    }

    [Fact]
    public void Dropping_again_and_again_takes_no_memory()
    {
        for (int i = 0; i < 100_000; i++)
        {
            var reply = Reply(1001);
            _memory.Add(reply, append: i + 1);
            _memory.Drop([reply]);
        }
        Assert.Equal(0, _memory.Count);
    }

    private static ReplyRecord Reply(long issued) => new(LedgerRig.A, Id(issued), ReplyKind.Accepted, default);

    private static CommandId Id(long issued) => new(((ulong)issued << 16) | 0x7000, 0x8000_0000_0000_0001);

    private IdVerdict Judge(long issued) => _memory.Judge(LedgerRig.A, Id(issued), 2000, 0, out _);
}

public sealed class TimerWindowTests
{
    private readonly TimerWindow _window = new(countMax: 3);

    [Fact]
    public void Timers_come_in_the_order_in_which_they_are_due()
    {
        Load();
        foreach (int due in new[] { 30, 10, 20 }) _window.Apply(Set($"t{due}", due));

        Assert.Null(_window.TakeDue(9));
        Assert.Equal("t10", _window.TakeDue(25)!.Name);
        Assert.Equal("t20", _window.TakeDue(25)!.Name);
        Assert.Null(_window.TakeDue(25));
        Assert.Equal(30, _window.NextDueUnixMs);
    }

    [Fact]
    public void Beyond_the_bound_the_latest_wait_in_the_store()
    {
        Load();
        for (int due = 10; due <= 50; due += 10) _window.Apply(Set($"t{due}", due));

        Assert.Equal(3, _window.Count);
        Assert.False(_window.IsComplete);
        for (int i = 0; i < 3; i++) Assert.NotNull(_window.TakeDue(100));
        Assert.True(_window.WantsPage);
        Assert.Equal(30, _window.BeginPage()!.Value.DueUnixMs);
    }

    [Fact]
    public void A_change_while_a_page_is_read_wins_over_the_page()
    {
        _window.BeginPage();
        _window.Apply(new TimerChange(LedgerRig.A, "gone", null));
        _window.Apply(Set("moved", 50));
        _window.EndPage([Set("gone", 10).Timer!, Set("moved", 20).Timer!], pageMax: 10);

        Assert.Equal(1, _window.Count);
        Assert.Equal(50, _window.NextDueUnixMs);
    }

    [Fact]
    public void A_timer_behind_the_window_comes_with_its_page()
    {
        _window.BeginPage();
        _window.EndPage([Set("a", 10).Timer!], pageMax: 1);
        _window.Apply(Set("late", 99));

        Assert.Equal(1, _window.Count);
    }

    private static TimerChange Set(string name, long due) =>
        new(LedgerRig.A, name, new TimerRecord(LedgerRig.A, name, due, 1, "add", default));

    private void Load()
    {
        _window.BeginPage();
        _window.EndPage([], pageMax: 10);
    }
}

public sealed class PayloadArenaTests
{
    [Fact]
    public void Payloads_stay_as_they_were_written_whatever_comes_after()
    {
        var arena = new PayloadArena();
        var random = new SeededRandom(7);
        var written = new List<(byte[] Expected, ReadOnlyMemory<byte> Actual)>();
        for (int i = 0; i < 2000; i++)
        {
            byte[] payload = new byte[random.Next(0, 300) * (i % 100 == 0 ? 1000 : 1)];
            random.NextBytes(payload);
            for (int at = 0; at < payload.Length;)
            {
                int piece = Math.Min(payload.Length - at, 1 + random.Next(100));
                payload.AsSpan(at, piece).CopyTo(arena.GetSpan(piece));
                arena.Advance(piece);
                at += piece;
            }
            if (i % 10 == 3) arena.Abandon();
            else written.Add((payload, arena.Take()));
        }
        Assert.All(written, w => Assert.True(w.Actual.Span.SequenceEqual(w.Expected)));
    }
}

public sealed class CommandIdSourceTests
{
    [Fact]
    public void No_two_ids_of_a_node_are_equal()
    {
        var source = new CommandIdSource(new ActorGrid.Testing.ManualClock(), new SeededRandom(1));
        var ids = Enumerable.Range(0, 100_000).Select(_ => source.Next()).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(id, CommandId.Parse(id.ToString())));
    }
}

namespace Sessions;

/// <summary>Shows the leaderboard once it has caught up with what the sessions themselves say.</summary>
/// <param name="query">Asks the leaderboard.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaderboardReport(Func<Task<Board>> query, TimeProvider time)
{
    /// <summary>A long load without a bound on its rate may leave it far behind.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private Board _expected = Board.Empty;

    /// <summary>Hears of a session.</summary>
    public void Note(string session, Summary summary)
    {
        if (summary.Cents == 0) return;
        lock (_lock) _expected = _expected.With(session, summary.Cents);
    }

    /// <summary>Waits for the leaderboard, and puts it into a line.</summary>
    public async Task<string> TellAsync()
    {
        long start = time.GetTimestamp();
        while (true)
        {
            var board = await query();
            if (board == _expected) return $"leaderboard: {board}";
            if (time.GetElapsedTime(start) > Patience) return $"leaderboard, which has not caught up yet: {board}";
            await Task.Delay(Pause, time);
        }
    }
}

using ActorGrid.Persistence;
using SampleNodes;
using Spectre.Console;

namespace Sessions;

/// <summary>Makes the load, if one is wanted, and verifies what came of it.</summary>
/// <param name="console">Shows the load; the rest are plain lines.</param>
internal sealed class SessionsCommand(IAnsiConsole console)
{
    /// <summary>Runs. The last line of the output says how it ended.</summary>
    /// <returns>Whether every acknowledged event was proven to be there exactly once.</returns>
    public async Task<bool> RunAsync(Request request, CancellationToken stop)
    {
        try
        {
            if (request.Nodes.Join is { } join)
            {
                await JoinCommand.RunAsync(join, request.Store, SessionGrid.Schema, SessionGrid.Configure, Say);
                return true;
            }
            long failed = request.Load is { } load ? await LoadAsync(request, load, stop) : 0;
            var conclusion = await VerifyAsync(request);
            bool isPromiseKept = failed == 0 || !request.Nodes.Kill;
            return Conclude(isPromiseKept || !conclusion.IsProven ? conclusion : new Conclusion(IsProven: false, $"{failed} requests failed, and none should"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException or InvalidOperationException or ArgumentException
            or StoreException or EntityException or EntityRegistrationException or LedgerDamagedException or NodeException)
        {
            return Conclude(new Conclusion(IsProven: false, e.Message));
        }
    }

    private bool Conclude(Conclusion conclusion)
    {
        Say(conclusion.ToString());
        return conclusion.IsProven;
    }

    /// <summary>Makes the load.</summary>
    /// <returns>How many requests failed.</returns>
    private async Task<long> LoadAsync(Request request, LoadOptions options, CancellationToken stop)
    {
        Directory.CreateDirectory(request.Directory);
        await using var nodes = new NodeGroup();
        if (request.Nodes.Nodes is { } count) nodes.Start(count, request.Store);
        // The grid first: it belongs to one process at a time, and so does the ledger thereby; for one of many there is the lock.
        await using var grid = await SessionGrid.StartAsync(request.Store, request.Nodes.Nodes is not null, TimeProvider.System);
        using var own = LedgerFiles.Lock(request.Directory);
        if (request.Nodes.Nodes is not null) await nodes.UpAsync(grid.Grid, stop);
        long firstNumber = Expectations.Read(request.Directory).NextNumber;
        Say($"data: {request.Directory}, from event {firstNumber} on");

        await using var ledger = new LedgerWriter(request.Directory);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(options.Duration);
        var progress = new LoadProgress();
        var traffic = new Traffic(options, firstNumber, TimeProvider.System);
        var view = new NodesView(console, nodes, grid.Grid);
        view.Show();
        var load = new LoadGenerator(options, traffic, grid.SendAsync, ledger, progress, TimeProvider.System).RunAsync(end.Token);
        var kill = request.Nodes.Kill ? KillAsync(nodes, grid, view, options.Duration / 2, end.Token) : Task.FromResult(0);
        await new LoadScreen(console, options, progress, request.Every, TimeProvider.System, view).ShowAsync(load);
        await load;
        long failed = progress.Unanswered + await kill;
        if (request.Nodes.Kill) Say($"failed requests: {failed}");
        view.Show();
        return failed;
    }

    private static async Task<int> KillAsync(NodeGroup nodes, SessionGrid grid, NodesView view, TimeSpan after, CancellationToken end)
    {
        await Task.Delay(after, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (end.IsCancellationRequested) return 0;
        var outage = await new Outage(grid.Grid, SessionGrid.EntityType, key => grid.QueryAsync(key)).BringAboutAsync(nodes.Any());
        foreach (string line in outage.Lines) view.Say(line);
        return outage.Failed;
    }

    /// <summary>Verifies on a grid that was opened for it, so what is compared is what the store holds; nodes that were started by others go on, and are asked.</summary>
    private async Task<Conclusion> VerifyAsync(Request request)
    {
        if (LedgerFiles.In(request.Directory).Count == 0)
        {
            return new Conclusion(IsProven: false, $"there is no ledger in {request.Directory}, so there is nothing to verify: run the load first");
        }
        await using var grid = await SessionGrid.StartAsync(request.Store, isClient: request.Nodes.Nodes == 0, TimeProvider.System);
        using var own = LedgerFiles.Lock(request.Directory);
        var leaders = new LeaderboardReport(grid.LeadersAsync, TimeProvider.System);
        var conclusion = await new Verification(request.Directory, grid.SendAsync, QueryAsync, Say).RunAsync();
        if (conclusion.IsProven) Say(await leaders.TellAsync());
        return conclusion;

        async Task<Summary> QueryAsync(string session)
        {
            var summary = await grid.QueryAsync(session);
            leaders.Note(session, summary);
            return summary;
        }
    }

    // Lines that programs read are not wrapped to the width of a terminal.
    private void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
}

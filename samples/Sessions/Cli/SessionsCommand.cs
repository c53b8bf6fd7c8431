using ActorGrid.Persistence;
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
            if (request.Load is { } load) await LoadAsync(request, load, stop);
            return Conclude(await VerifyAsync(request.Directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException
            or StoreException or EntityException or EntityRegistrationException or LedgerDamagedException)
        {
            return Conclude(new Conclusion(IsProven: false, e.Message));
        }
    }

    private bool Conclude(Conclusion conclusion)
    {
        Say(conclusion.ToString());
        return conclusion.IsProven;
    }

    private async Task LoadAsync(Request request, LoadOptions options, CancellationToken stop)
    {
        Directory.CreateDirectory(request.Directory);
        // The grid first: it belongs to one process at a time, and so does the ledger thereby.
        await using var grid = await SessionGrid.StartAsync(request.Directory, TimeProvider.System);
        long firstNumber = Expectations.Read(request.Directory).NextNumber;
        Say($"data: {request.Directory}, from event {firstNumber} on");

        await using var ledger = new LedgerWriter(request.Directory);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(options.Duration);
        var progress = new LoadProgress();
        var traffic = new Traffic(options, firstNumber, TimeProvider.System);
        var load = new LoadGenerator(options, traffic, grid.SendAsync, ledger, progress, TimeProvider.System).RunAsync(end.Token);
        await new LoadScreen(console, options, progress, request.Every, TimeProvider.System).ShowAsync(load);
        await load;
    }

    /// <summary>Verifies on a grid that was opened for it, so what is compared is what the store holds.</summary>
    private async Task<Conclusion> VerifyAsync(string directory)
    {
        if (LedgerFiles.In(directory).Count == 0)
        {
            return new Conclusion(IsProven: false, $"there is no ledger in {directory}, so there is nothing to verify: run the load first");
        }
        await using var grid = await SessionGrid.StartAsync(directory, TimeProvider.System);
        return await new Verification(directory, grid.SendAsync, grid.QueryAsync, Say).RunAsync();
    }

    // Lines that programs read are not wrapped to the width of a terminal.
    private void Say(string line) => console.Profile.Out.Writer.WriteLine(line);
}

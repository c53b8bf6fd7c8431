namespace ActorGrid.Failover;

/// <summary>Plays scenarios, each run on a grid of its own.</summary>
/// <param name="options">What the runs have in common.</param>
/// <param name="say">Says how it goes.</param>
internal sealed class Runner(RunnerOptions options, Action<string> say)
{
    /// <summary>Plays a scenario as often as wished.</summary>
    public async Task<ScenarioResult> PlayAsync(Scenario scenario, StoreChoice store, CancellationToken cancellationToken)
    {
        string name = $"{store.Title}, {scenario.Name}";
        if (scenario.WhyNot(store) is { } reason)
        {
            say($"{name}: skipped, {reason}");
            return Result(reason, []);
        }
        var runs = new List<RunResult>();
        for (int run = 0; run < options.Runs; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string directory = Path.Combine(options.Directory, "runs", store.Kind.ToString().ToLowerInvariant(), scenario.Name, FormattableString.Invariant($"{run + 1}"));
            try
            {
                runs.Add(await PlayOnceAsync(scenario, new StageOptions(options.Nodes, options.Load, options.Warmup, store, directory, Victim: run)));
            }
            catch (ChildException e)
            {
                // The other scenarios can be measured all the same.
                say($"{name}, run {run + 1} of {options.Runs}: {e.Message}");
                return Result(skipped: null, runs) with { Broken = e.Message };
            }
            say($"{name}, run {run + 1} of {options.Runs}: {Describe(runs[^1])}");
        }
        return Result(skipped: null, runs);

        ScenarioResult Result(string? skipped, IReadOnlyList<RunResult> done) => new(scenario.Name, scenario.Title, store.Title, scenario.Bar, skipped, done);
    }

    private static async Task<RunResult> PlayOnceAsync(Scenario scenario, StageOptions options)
    {
        // What an earlier call has left is not this one's.
        if (Directory.Exists(options.Directory)) Directory.Delete(options.Directory, recursive: true);
        await using var stage = await Stage.SetAsync(options, scenario.NeedsNetworks);
        await scenario.Play(stage);
        await Task.Delay(scenario.Settle, CancellationToken.None);
        var (log, ledgers) = await stage.EndAsync();
        var result = RunResult.Of(log, ledgers, stage.FaultAt, scenario.Drawn);
        if (result is { Failed: 0, Proof.IsClean: true }) stage.DeleteEvidence();
        return result;
    }

    private static string Describe(RunResult run)
    {
        string back = run.Recovery.NeverBack > 0 ? FormattableString.Invariant($"{run.Recovery.NeverBack} entities never back")
            : run.Recovery.Last is { } last ? FormattableString.Invariant($"last of {run.Recovery.Hit} entities back after {last:f0} ms")
            : "no entity had to wait";
        return FormattableString.Invariant($"{back}; p99.9 {run.After.P999:f0} ms, slowest {run.After.Max:f0} ms (before: {run.Before.P999:f0}, {run.Before.Max:f0}); {run.Failed} of {run.Asks} failed")
            + (run.Proof.IsClean ? "" : FormattableString.Invariant($"; LOST {run.Proof.Lost}, DOUBLED {run.Proof.Doubled}, STALE {run.Proof.StaleReads}, TWO OWNERS {run.Proof.TwoOwners}"));
    }
}

/// <summary>What all runs of a call have in common.</summary>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Load">The load.</param>
/// <param name="Warmup">How long it runs before the fault.</param>
/// <param name="Runs">How often each scenario is played.</param>
/// <param name="Directory">Where the report and the logs go.</param>
internal sealed record RunnerOptions(int Nodes, LoadOptions Load, TimeSpan Warmup, int Runs, string Directory);

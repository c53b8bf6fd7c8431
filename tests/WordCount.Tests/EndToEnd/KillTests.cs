using System.Globalization;

namespace WordCount.Tests;

/// <summary>The real program, killed and interrupted in the middle, and run again with the same job id.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Copies of a small text: long enough to be killed in the middle.</summary>
    private async Task<string[]> InputAsync(int times)
    {
        string[] copies = [.. Enumerable.Range(0, times).Select(i => _folder[$"text-{i}"])];
        await using (FileStream file = File.Create(copies[0]))
            new TextGenerator(1).Write(file, 16_000_000);
        foreach (string copy in copies[1..])
            File.Copy(copies[0], copy);
        return copies;
    }

    private WordCountProcess Start(string job, string[] input) =>
        WordCountProcess.Start([.. input, "--data", _folder["data"], "--job", job, "--workers", "1", "--csv", _folder[$"{job}.csv"]]);

    private async Task<Outcome> EndAsync(string job, string[] input, int exitCode = CountCommand.Counted)
    {
        await using WordCountProcess process = Start(job, input);
        Outcome outcome = await process.EndAsync();
        Assert.True(outcome.ExitCode == exitCode, outcome.ToString());
        return outcome;
    }

    private async Task<string> CountedAsync(string job, string[] input)
    {
        await EndAsync(job, input);
        return await File.ReadAllTextAsync(_folder[$"{job}.csv"]);
    }

    [Fact]
    public async Task Killed_at_random_points_it_ends_with_the_count_of_a_run_that_was_not()
    {
        string[] input = await InputAsync(times: 6);
        string expected = await CountedAsync("unharmed", input);
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int job = 0; job < 4; job++)
        {
            List<string> story = [$"seed {seed}"];
            for (int kill = 0; kill < 4; kill++)
            {
                using StoreWatch store = new(_folder[$"data/jobs/job-{job}"]);
                await using WordCountProcess process = Start($"job-{job}", input);
                int writes = random.Next(1, 60);
                bool inTime = await store.WrittenAsync(writes, process.HasEnded);
                process.Kill();
                await process.EndAsync();
                story.Add($"{(inTime ? "killed" : "ended before")} at write {writes}");
            }

            Assert.True(expected == await CountedAsync($"job-{job}", input), string.Join(", ", story));
        }
    }

    [Fact]
    public async Task What_was_done_before_the_kill_is_not_done_again()
    {
        string[] input = await InputAsync(times: 12);
        int before = 0;
        await using (WordCountProcess process = Start("job", input))
        {
            Assert.True(await process.SaysAsync(line => (before = PartsDone(line)) > 0));
            process.Kill();
            Outcome killed = await process.EndAsync();
            before = PartsDone(killed.Errors.Split('\n')[^1]);
        }

        Outcome resumed = await EndAsync("job", input);
        string[] said = resumed.Errors.Split('\n');
        Assert.Matches("^Job job goes on: [0-9]+ of [0-9]+ parts were counted before.$", said[0]);
        Assert.InRange(int.Parse(said[0].Split(' ')[4], CultureInfo.InvariantCulture), before, int.MaxValue);
        Assert.InRange(PartsDone(said[1]), before, int.MaxValue);
        Assert.Contains(", the others were counted before", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(await CountedAsync("unharmed", input), await File.ReadAllTextAsync(_folder["job.csv"]));
    }

    [Fact]
    public async Task Interrupted_it_says_how_to_go_on_and_does()
    {
        string[] input = await InputAsync(times: 12);
        using (StoreWatch store = new(_folder["data/jobs/job"]))
        await using (WordCountProcess process = Start("job", input))
        {
            Assert.True(await store.WrittenAsync(10, process.HasEnded));
            await process.InterruptAsync();
            Outcome outcome = await process.EndAsync();
            Assert.True(outcome.ExitCode == CountCommand.Interrupted, outcome.ToString());
            Assert.EndsWith("run again with --job job to go on.", outcome.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(await CountedAsync("unharmed", input), await CountedAsync("job", input));
    }

    [Fact]
    public async Task A_file_that_changed_between_the_kill_and_the_next_run_is_named()
    {
        string[] input = await InputAsync(times: 6);
        using (StoreWatch store = new(_folder["data/jobs/job"]))
        await using (WordCountProcess process = Start("job", input))
        {
            Assert.True(await store.WrittenAsync(10, process.HasEnded));
            process.Kill();
            await process.EndAsync();
        }

        await File.AppendAllTextAsync(input[0], "more");
        Outcome outcome = await EndAsync("job", input, CountCommand.Failed);
        Assert.StartsWith($"'{input[0]}' changed since the count began: ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_counted_is_named()
    {
        string[] input = await InputAsync(times: 12);
        using StoreWatch store = new(_folder["data/jobs/job"]);
        await using WordCountProcess process = Start("job", input);
        Assert.True(await store.WrittenAsync(10, process.HasEnded));
        await using (FileStream file = File.OpenWrite(input[^1]))
            file.SetLength(1_000);
        Outcome outcome = await process.EndAsync();
        Assert.True(outcome.ExitCode == CountCommand.Failed, outcome.ToString());
        Assert.Contains($"'{input[^1]}' changed since the count began: it had 16000000 bytes and now has 1000", outcome.Errors, StringComparison.Ordinal);
    }

    private static int PartsDone(string line) =>
        line.IndexOf('/') is > 0 and var slash && int.TryParse(line.AsSpan(0, slash), CultureInfo.InvariantCulture, out int done) ? done : 0;
}

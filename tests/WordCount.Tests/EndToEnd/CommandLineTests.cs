using System.Globalization;
using System.Text;
using System.Text.Json;

namespace WordCount.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Data => _folder["data"];

    private async Task<Outcome> RunAsync(int exitCode, params string[] arguments)
    {
        Outcome outcome = await WordCountProcess.RunAsync(["--data", Data, .. arguments]);
        Assert.True(outcome.ExitCode == exitCode, outcome.ToString());
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);      // a stack trace is no message
        return outcome;
    }

    private async Task RefusedAsync(string message, params string[] arguments) =>
        Assert.Contains(message, (await RunAsync(CountCommand.Failed, arguments)).Errors, StringComparison.Ordinal);

    [Fact]
    public async Task It_shows_the_totals_and_the_top_words_and_writes_both_files()
    {
        string text = _folder.Write("in/text", "b a B é 'É' \u4e2d b\n");
        _folder.Write("in/empty", "");
        Outcome outcome = await RunAsync(
            CountCommand.Counted, _folder["in"], "--top", "2", "--json", _folder["out.json"], "--csv", _folder["out.csv"]);

        Assert.Contains($"7 words, 4 distinct, in {new FileInfo(text).Length} bytes", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"b +█+ 3 *\n *é +█+ 2", outcome.Output);
        Assert.DoesNotContain("\u4e2d", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"Warning: '{_folder["in/empty"]}' is empty", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal("word,count\nb,3\né,2\na,1\n\u4e2d,1\n", await File.ReadAllTextAsync(_folder["out.csv"]));

        using JsonDocument json = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["out.json"]));
        Assert.Equal(["totalWords", "distinctWords", "bytes", "bytesInThisRun", "seconds", "words"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal((7, 4, 20), (Number("totalWords"), Number("distinctWords"), Number("bytes")));
        Assert.InRange(json.RootElement.GetProperty("seconds").GetDouble(), 0, 60);
        Assert.Equal(
            [("b", 3), ("é", 2), ("a", 1), ("\u4e2d", 1)],
            json.RootElement.GetProperty("words").EnumerateArray()
                .Select(word => (word.GetProperty("word").GetString(), word.GetProperty("count").GetInt32())));

        int Number(string name) => json.RootElement.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Without_a_path_it_counts_the_generated_text()
    {
        Outcome outcome = await RunAsync(CountCommand.Counted, "--csv", _folder["out.csv"], "--workers", "3");
        Assert.Contains(" in 64 MB: ", outcome.Output, StringComparison.Ordinal);
        WordTable expected = new();
        WordScanner scanner = new(expected);
        scanner.Scan(await File.ReadAllBytesAsync(Path.Join(Data, "generated-1.txt")));
        scanner.End();
        Assert.Equal(NaiveCount.Of(expected), ReadCsv(_folder["out.csv"]));
        Assert.Empty(Directory.GetDirectories(Path.Join(Data, "jobs")));
    }

    [Fact]
    public async Task Output_and_data_inside_the_folder_that_is_counted_are_left_out()
    {
        _folder.Write("text", "one two");
        for (int run = 0; run < 2; run++)
        {
            Outcome outcome = await RunAsync(CountCommand.Counted, _folder.Path, "--csv", _folder["out.csv"]);
            Assert.Contains("2 words, 2 distinct, in 7 bytes", outcome.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_is_one_clear_message_and_exit_code_1()
    {
        string text = _folder.Write("text", "one two three");
        await RefusedAsync($"'{_folder["missing"]}' does not exist.", text, _folder["missing"]);
        await RefusedAsync($"Cannot write '{_folder["no/out"]}': the folder '{_folder["no"]}' does not exist.", text, "--csv", _folder["no/out"]);
        await RefusedAsync($"Cannot write '{_folder.Path}': it is a folder.", text, "--csv", _folder.Path);
        await RefusedAsync($"'{text}' is one of the files to count", text, "--csv", text);
        await RefusedAsync("--json and --csv name the same file.", text, "--json", "x", "--csv", "./x");
        await RefusedAsync("--workers is '0'; it must be a whole number, 1 to 256.", text, "--workers", "0");
        await RefusedAsync("--top is '1001'; it must be a whole number, 0 to 1000.", text, "--top", "1001");
        await RefusedAsync("--workers is 'abc'; it must be a whole number, 1 to 256.", text, "--workers", "abc");
        await RefusedAsync("--seed is '-1'; it must be a whole number", text, "--seed", "-1");
        await RefusedAsync("There is no option '--bogus'", text, "--bogus");
        await RefusedAsync("There is no option '-x'", "-x", "--", "-y");
        await RefusedAsync($"Cannot write '/proc/x': '/proc' takes no new files.", text, "--json", "/proc/x");
        await RefusedAsync($"Cannot write '{text}/out': '{text}' is a file, where a folder is needed.", text, "--json", $"{text}/out");
        await RefusedAsync("'a/b' is no job id", text, "--job", "a/b");
        await RefusedAsync("Option '--data' expects a single argument but 2 were provided.", text, "--data", text);
        await RefusedAsync("Option '--csv' expects a single argument but 2 were provided.", text, "--csv", "x", "--csv", "y");
        await RefusedAsync("A path is empty.", text, "");
        await RefusedAsync("--json needs a path.", text, "--json", "");
        Outcome outcome = await WordCountProcess.RunAsync(text, "--data", text);
        Assert.Equal(CountCommand.Failed, outcome.ExitCode);
        Assert.StartsWith($"--data is '{text}', a file; it must be a folder.", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal("one two three", await File.ReadAllTextAsync(text));
        Assert.False(Directory.Exists(Path.Join(Data, "jobs")) && Directory.EnumerateFileSystemEntries(Path.Join(Data, "jobs")).Any());
    }

    [Fact]
    public async Task A_name_that_begins_with_a_dash_is_a_path_after_two_dashes()
    {
        _folder.Write("-x", "one two");
        Outcome outcome = await WordCountProcess.RunInAsync(_folder.Path, "--data", Data, "--", "-x");
        Assert.Contains("2 words", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_result_cannot_be_written_it_is_shown_and_kept_with_the_job()
    {
        string text = _folder.Write("text", "one two three");
        Outcome outcome = await RunAsync(CountCommand.Failed, text, "--csv", "/dev/full", "--json", _folder["out.json"]);
        Assert.Contains("3 words, 3 distinct", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Cannot write '/dev/full': the disk is full.", outcome.Errors, StringComparison.Ordinal);
        string id = Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Join(Data, "jobs"))));
        Assert.EndsWith($"run again with --job {id} to write it.", outcome.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out.json"]));

        await RunAsync(CountCommand.Counted, text, "--csv", _folder["out.csv"], "--job", id);
        Assert.Equal("word,count\none,1\nthree,1\ntwo,1\n", await File.ReadAllTextAsync(_folder["out.csv"]));
    }

    [Fact]
    public async Task What_may_not_be_read_is_named()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root")
            return;                                          // only root can become one who may not read
        string text = _folder.Write("open/text", "one two three");
        string secret = _folder.Write("secret", "one");
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead);
        Outcome outcome = await WordCountProcess.RunAsNobodyAsync("--data", Data, secret, text);
        Assert.Equal(CountCommand.Failed, outcome.ExitCode);
        Assert.StartsWith($"Cannot read '{secret}': ", outcome.Errors, StringComparison.Ordinal);

        File.SetUnixFileMode(_folder["open"], UnixFileMode.UserRead);
        outcome = await WordCountProcess.RunAsNobodyAsync("--data", Data, _folder["open"]);
        Assert.Equal(CountCommand.Failed, outcome.ExitCode);
        Assert.StartsWith($"Cannot read '{_folder["open"]}': ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_can_be_counted_it_is_an_error()
    {
        string empty = _folder.Write("empty", "");
        await RefusedAsync("There is nothing to count", empty, "--csv", _folder["out.csv"]);
        await RefusedAsync($"Warning: '{empty}' is empty: nothing to count.", empty);
        Assert.False(File.Exists(_folder["out.csv"]));
    }

    [Fact]
    public async Task A_job_that_had_ended_says_so_and_shows_no_rate()
    {
        string text = _folder.Write("text", "one two three");
        Outcome first = await RunAsync(CountCommand.Counted, text, "--job", "mine"), second = await RunAsync(CountCommand.Counted, text, "--job", "mine");
        Assert.StartsWith("1/1 parts, 13 bytes of 13 bytes", first.Errors.Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("/s", first.Errors + first.Output, StringComparison.Ordinal);
        Assert.StartsWith("Job mine had ended before: nothing is counted again.", second.Errors, StringComparison.Ordinal);
        Assert.Contains("in 13 bytes: all counted before", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_id_stands_for_the_files_it_began_with()
    {
        string text = _folder.Write("text", "one two three"), other = _folder.Write("other", "four");
        await RunAsync(CountCommand.Counted, text, "--job", "mine");
        Assert.Contains("3 words", (await RunAsync(CountCommand.Counted, text, "--job", "mine")).Output, StringComparison.Ordinal);
        await RefusedAsync($"The job 'mine' counts '{text}', not '{other}'.", other, "--job", "mine");
        await File.AppendAllTextAsync(text, " four");
        await RefusedAsync($"'{text}' changed since the count began: it had 13 bytes and now has 18.", text, "--job", "mine");
        File.Delete(text);
        await RefusedAsync($"Cannot read '{text}'", text, "--job", "mine");
    }

    private static SortedDictionary<string, long> ReadCsv(string path)
    {
        SortedDictionary<string, long> words = new(StringComparer.Ordinal);
        foreach (string[] fields in File.ReadLines(path, Encoding.UTF8).Skip(1).Select(line => line.Split(',')))
            words.Add(fields[0], long.Parse(fields[1], CultureInfo.InvariantCulture));
        return words;
    }
}

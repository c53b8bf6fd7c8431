using System.Diagnostics;

namespace WordCount.Tests;

public sealed class InputFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private InputSet Find(params string[] names) => InputFiles.Find(names.Select(name => _folder[name]));

    private string Error(params string[] names) => Assert.Throws<InputException>(() => Find(names)).Message;

    private string[] Names(InputSet found) => [.. found.Files.Select(file => Path.GetRelativePath(_folder.Path, file.Path))];

    [Fact]
    public void A_folder_stands_for_all_its_files_by_name_and_files_come_as_given()
    {
        foreach (string name in new[] { "b/2", "b/1", "b/sub/x", "b/Sub/y", "b/.hidden", "a" })
            _folder.Write(name, "text");
        InputSet found = Find("b", "a");
        Assert.Equal(["b/.hidden", "b/1", "b/2", "b/Sub/y", "b/sub/x", "a"], Names(found));
        Assert.Empty(found.Warnings);
        Assert.All(found.Files, file => Assert.Equal((4, File.GetLastWriteTimeUtc(file.Path).Ticks), (file.Length, file.ModifiedTicks)));
    }

    [Fact]
    public void What_is_met_twice_counts_once()
    {
        _folder.Write("d/a", "text");
        File.CreateSymbolicLink(_folder["link"], _folder["d/a"]);
        InputSet found = Find("link", "d/a", "d", "d");
        Assert.Equal(["link"], Names(found));
        string again = $"'{_folder["d/a"]}' is counted already: not counted twice.";
        Assert.Equal([again, again, $"'{_folder["d"]}' is counted already: not counted twice."], found.Warnings);
        Assert.Equal(["d/a"], Names(Find("d/a", "link")));
    }

    [Fact]
    public void Everything_missing_is_named_at_once()
    {
        _folder.Write("there", "text");
        Assert.Equal($"'{_folder["x"]}' does not exist.{Environment.NewLine}'{_folder["y"]}' does not exist.", Error("x", "there", "y"));
        Assert.EndsWith("and 5 more such errors.", Error([.. Enumerable.Range(0, 15).Select(i => $"{i}")]), StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_and_binary_files_are_left_out_with_a_warning()
    {
        _folder.Write("d/empty", "");
        _folder.Write("d/binary", "text\0text");
        _folder.Write("d/late-zero", new string('x', 8_000) + "\0");
        InputSet found = Find("d");
        Assert.Equal(["d/late-zero"], Names(found));
        Assert.Collection(found.Warnings,
            binary => Assert.StartsWith($"'{_folder["d/binary"]}' is binary (byte 4 is zero): left out.", binary, StringComparison.Ordinal),
            empty => Assert.StartsWith($"'{_folder["d/empty"]}' is empty", empty, StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_or_a_pipe_is_never_opened()
    {
        using Process make = Process.Start("mkfifo", [_folder["pipe"]]);
        make.WaitForExit();
        Assert.Equal(
            [
                "'/dev/zero' is a pipe, socket or device: left out. To count what it gives, write that to a file.",
                $"'{_folder["pipe"]}' is a pipe, socket or device: left out. To count what it gives, write that to a file.",
                "'/proc/meminfo' has no length, since the system makes it as it is read: left out. To count it, copy it to a file.",
            ],
            InputFiles.Find(["/dev/zero", _folder["pipe"], "/proc/meminfo"]).Warnings);
    }

    [Fact]
    public void A_folder_that_links_to_itself_is_counted_once_and_named()
    {
        _folder.Write("d/sub/file", "text");
        File.CreateSymbolicLink(_folder["d/sub/up"], "..");
        File.CreateSymbolicLink(_folder["d/sub/self"], _folder["d/sub"]);
        InputSet found = Find("d");
        Assert.Equal(["d/sub/file"], Names(found));
        Assert.Equal(
            [
                $"'{_folder["d/sub/self"]}' is a symbolic link back to '{_folder["d/sub"]}', a loop: not followed.",
                $"'{_folder["d/sub/up"]}' is a symbolic link back to '{_folder["d"]}', a loop: not followed.",
            ],
            found.Warnings);
    }

    [Fact]
    public void Links_to_files_and_folders_are_followed_but_nothing_is_counted_twice()
    {
        _folder.Write("elsewhere/file", "text");
        _folder.Write("d/own", "text");
        File.CreateSymbolicLink(_folder["d/a"], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["d/b"], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["d/c"], "own");
        InputSet found = Find("d");
        Assert.Equal(["d/a/file", "d/c"], Names(found));
        Assert.Equal([4, 4], found.Files.Select(file => file.Length));
        Assert.Equal(
            [
                $"'{_folder["d/b"]}' leads to '{_folder["elsewhere"]}', which is counted already: not counted twice.",
                $"'{_folder["d/own"]}' is counted already: not counted twice.",
            ],
            found.Warnings);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_an_error_where_it_was_asked_for_and_a_warning_in_a_folder()
    {
        _folder.Write("d/file", "text");
        File.CreateSymbolicLink(_folder["d/dangling"], "nothing");
        File.CreateSymbolicLink(_folder["d/circle"], "circle");
        InputSet found = Find("d");
        Assert.Equal(["d/file"], Names(found));
        Assert.Equal(2, found.Warnings.Count);
        Assert.All(found.Warnings, warning => Assert.EndsWith("which leads to nothing: left out.", warning, StringComparison.Ordinal));
        Assert.Contains("is a symbolic link to 'nothing', which leads to nothing.", Error("d/dangling"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_belongs_to_the_count_itself_is_left_out_of_folders()
    {
        _folder.Write("d/data/job.db", "text");
        _folder.Write("d/out.csv", "text");
        _folder.Write("d/text", "text");
        InputSet found = InputFiles.Find([_folder["d"]], [_folder["d/data"], _folder["d/out.csv"]]);
        Assert.Equal(["d/text"], Names(found));
        Assert.Equal(2, found.Warnings.Count);
    }
}

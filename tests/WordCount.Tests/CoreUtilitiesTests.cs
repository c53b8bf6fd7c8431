using System.Diagnostics;
using System.Globalization;

namespace WordCount.Tests;

/// <summary>Real ASCII files of the machine, counted by programs that have nothing to do with ours.</summary>
public sealed class CoreUtilitiesTests
{
    private const int FilesMax = 400;
    private const int FileBytesMax = 1 << 20;

    [Fact]
    public async Task The_count_equals_that_of_tr_sort_and_uniq()
    {
        string[] folders = ["/usr/share/common-licenses", "/usr/include", "/etc"];
        string[] files = [.. folders.SelectMany(AsciiFiles).DistinctBy(RealPath.Of).Take(FilesMax)];
        Assert.NotEmpty(files);
        WordTable table = new();
        SliceReader reader = new(table);
        foreach (FileSlice slice in Splitter.Split(InputFiles.Find(files).Files, 100_000).SelectMany(part => part.Slices))
            reader.Count(slice);

        SortedDictionary<string, long> expected = await CountByPipelineAsync(files);
        Assert.True(expected.Count > 500, $"Only {expected.Count} words in {files.Length} files show little.");
        Assert.Equal(expected, NaiveCount.Of(table));
    }

    private static IEnumerable<string> AsciiFiles(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            .Where(path => new FileInfo(path).Length is > 0 and <= FileBytesMax)
            .Order(StringComparer.Ordinal)
            .Where(path => IsReadable(path, out byte[] bytes) && System.Text.Ascii.IsValid(bytes) && !bytes.Contains((byte)0));

    private static bool IsReadable(string path, out byte[] bytes)
    {
        try
        {
            bytes = File.ReadAllBytes(path);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            bytes = [];
            return false;
        }
    }

    private static async Task<SortedDictionary<string, long>> CountByPipelineAsync(string[] files)
    {
        // A newline between files: a word does not go on from one to the next.
        ProcessStartInfo start = new("sh")
        {
            ArgumentList = { "-c", "while read -r f; do cat \"$f\"; echo; done | tr -cs A-Za-z '\\n' | tr A-Z a-z | sort | uniq -c" },
            Environment = { ["LC_ALL"] = "C" },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process shell = Process.Start(start)!;
        using CancellationTokenSource bound = new(TimeSpan.FromSeconds(60));
        Task<string> output = shell.StandardOutput.ReadToEndAsync(bound.Token);
        foreach (string file in files)
            await shell.StandardInput.WriteLineAsync(file);
        shell.StandardInput.Close();
        SortedDictionary<string, long> words = new(StringComparer.Ordinal);
        foreach (string line in (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 2)                          // tr leaves one empty line
                words.Add(fields[1], long.Parse(fields[0], CultureInfo.InvariantCulture));
        }

        await shell.WaitForExitAsync(bound.Token);
        return words;
    }
}

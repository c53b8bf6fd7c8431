using System.Diagnostics;
using System.Text.Json;
using WordCount;

namespace ActorGrid.Benchmarks;

/// <summary>The word count of a text of 1 GB as a job: the sample itself, in a process of its own, by the time that it reports from submission to result.</summary>
internal static class WordRows
{
    private const long Bytes = 1_000_000_000;

    public static void Run(Rows rows)
    {
        var folder = Directory.CreateTempSubdirectory("actorgrid-bench-");
        try
        {
            string text = Text(folder.FullName);
            foreach (int workers in new[] { 1, 2 })
            {
                rows.Figure($"word count through the job facade, {workers} {(workers == 1 ? "worker" : "workers")}", "MB/s", () => Count(text, folder.FullName, workers));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Text(string folder)
    {
        string text = Path.Combine(folder, "text");
        using var output = File.Create(text);
        new TextGenerator(seed: 42).Write(output, Bytes);
        return text;
    }

    private static double Count(string text, string folder, int workers)
    {
        string json = Path.Combine(folder, "words.json");
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "WordCount.dll"), "--top", "1", "--workers", $"{workers}",
            "--data", Path.Combine(folder, "data"), "--json", json, text,
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The word count failed: {errors}{output.GetAwaiter().GetResult()}");
        using var result = JsonDocument.Parse(File.ReadAllBytes(json));
        return result.RootElement.GetProperty("bytes").GetInt64() / 1e6 / result.RootElement.GetProperty("seconds").GetDouble();
    }
}

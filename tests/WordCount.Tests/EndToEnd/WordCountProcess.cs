using System.Diagnostics;
using System.Threading.Channels;

namespace WordCount.Tests;

/// <summary>The built program as a process of its own. Every wait is bounded and ends with what the process said.</summary>
internal sealed class WordCountProcess : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Join(AppContext.BaseDirectory, "WordCount.dll");

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task _reading;
    private readonly Channel<string> _errorLines = Channel.CreateUnbounded<string>();
    private readonly List<string> _errors = [];

    private WordCountProcess(string command, IEnumerable<string> arguments, string folder = "")
    {
        _process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _reading = ReadErrorsAsync();
    }

    /// <summary>Ends when the process has.</summary>
    public Task HasEnded => _process.WaitForExitAsync();

    public static WordCountProcess Start(params string[] arguments) => new("dotnet", [Program, .. arguments]);

    /// <summary>Runs it to its end.</summary>
    public static async Task<Outcome> RunAsync(params string[] arguments)
    {
        await using WordCountProcess process = Start(arguments);
        return await process.EndAsync();
    }

    /// <summary>The same, in a folder of its own.</summary>
    public static async Task<Outcome> RunInAsync(string folder, params string[] arguments)
    {
        await using WordCountProcess process = new("dotnet", [Program, .. arguments], folder);
        return await process.EndAsync();
    }

    /// <summary>Runs it as a user who owns nothing, if we are one who may do so.</summary>
    public static async Task<Outcome> RunAsNobodyAsync(params string[] arguments)
    {
        await using WordCountProcess process = new("setpriv", ["--reuid=65534", "--clear-groups", "dotnet", Program, .. arguments]);
        return await process.EndAsync();
    }

    /// <summary>Waits for a line on the error stream, where the program says how it gets on; false if it ended without.</summary>
    public async Task<bool> SaysAsync(Func<string, bool> line)
    {
        using CancellationTokenSource bound = new(WaitMax);
        while (await _errorLines.Reader.WaitToReadAsync(bound.Token))
        {
            while (_errorLines.Reader.TryRead(out string? said))
            {
                if (line(said))
                    return true;
            }
        }

        return false;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGINT, as Ctrl+C sends it.</summary>
    public async Task InterruptAsync()
    {
        using Process kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async Task<Outcome> EndAsync()
    {
        using CancellationTokenSource bound = new(WaitMax);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _reading;
            Assert.Fail($"The program did not end within {WaitMax.TotalSeconds} s. It said: {string.Join('\n', _errors)}");
        }

        await _reading;
        return new(_process.ExitCode, await _output, string.Join('\n', _errors));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _errors.Add(line);
            _errorLines.Writer.TryWrite(line);
        }

        _errorLines.Writer.Complete();
    }
}

/// <summary>How a process ended.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors);

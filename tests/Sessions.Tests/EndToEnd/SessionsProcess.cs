using System.Diagnostics;
using System.Threading.Channels;

namespace Sessions.Tests;

/// <summary>The program as a process of its own, whose output is read line by line.</summary>
internal sealed class SessionsProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];
    private readonly Lock _errorLock = new();
    private string _errors = "";

    public SessionsProcess(params string[] arguments)
    {
        _process.StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Sessions.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null) _lines.Writer.Complete();
            else _lines.Writer.TryWrite(e.Data);
        };
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_errorLock) _errors += e.Data + "\n";
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Errors
    {
        get
        {
            lock (_errorLock) return _errors;
        }
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, IReadOnlyList<string> Lines, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = new SessionsProcess(arguments);
        return (await process.EndAsync(), process._seen, process.Errors);
    }

    /// <summary>The next line of the output, or null at its end.</summary>
    public async Task<string?> NextLineAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            if (!await _lines.Reader.WaitToReadAsync(patience.Token)) return null;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The program said nothing for {Patience}.\n{Transcript}", e);
        }
        string line = await _lines.Reader.ReadAsync(patience.Token);
        _seen.Add(line);
        return line;
    }

    /// <summary>Waits for a line that begins or goes on as wanted.</summary>
    public async Task WaitForAsync(Func<string, bool> wanted)
    {
        while (await NextLineAsync() is { } line)
        {
            if (wanted(line)) return;
        }
        throw new InvalidOperationException($"The program ended before it said what was waited for.\n{Transcript}");
    }

    /// <summary>Ends the process as SIGKILL does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Reads the output to its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        while (await NextLineAsync() is not null)
        {
        }
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public string Transcript => string.Join('\n', _seen) + "\n" + Errors;

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}

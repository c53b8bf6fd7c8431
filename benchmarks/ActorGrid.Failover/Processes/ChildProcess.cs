using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace ActorGrid.Failover;

/// <summary>
/// This program as a process of its own, spoken to by lines. It does not outlive the process that started it, however that ends: a child exits when its input closes, and a shell on a leash kills it
/// even if it is stopped.
/// </summary>
/// <remarks>Used by one caller at a time.</remarks>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Process? _leash;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StreamWriter _log;
    private readonly Task _reading;
    private bool _isDisposed;

    /// <summary>Starts the program.</summary>
    /// <param name="name">For messages and for the name of the log.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="directory">Where its log is written.</param>
    /// <param name="prefix">A command that runs it, such as one that enters a network namespace; it has to become the program by exec.</param>
    public ChildProcess(string name, string[] arguments, string directory, string[]? prefix = null)
    {
        Name = name;
        LogPath = Path.Combine(directory, $"{name}.log");
        _log = new StreamWriter(new FileStream(LogPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
        string[] command = [.. prefix ?? [], "dotnet", typeof(ChildProcess).Assembly.Location, .. arguments];
        _process = Start(command, errors: true);
        // When this process ends, its end of the pipe closes.
        if (!OperatingSystem.IsWindows()) _leash = Start(["/bin/sh", "-c", "read _; kill -KILL \"$0\"", Id.ToString(CultureInfo.InvariantCulture)], errors: false);
        _reading = Task.WhenAll(ReadLinesAsync(), ReadLogAsync());
    }

    public string Name { get; }

    public int Id => _process.Id;

    public string LogPath { get; }

    public bool HasExited => _isDisposed || _process.HasExited;

    /// <summary>Waits for that line.</summary>
    /// <exception cref="ChildException">The process ended before, or said nothing for too long.</exception>
    public async Task WaitForAsync(string line, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Patience);
        try
        {
            while (await _lines.Reader.WaitToReadAsync(limit.Token))
            {
                while (_lines.Reader.TryRead(out string? said))
                {
                    if (said == line) return;
                }
            }
            throw new ChildException($"{Name} ended before it said '{line}'; the end of its log:\n{LogTail()}");
        }
        catch (OperationCanceledException)
        {
            throw new ChildException($"{Name} did not say '{line}' within {patience ?? Patience}; the end of its log:\n{LogTail()}");
        }
    }

    /// <summary>Tells the process something. One that has ended hears nothing; that shows when its answer is waited for.</summary>
    public async Task TellAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException) when (_process.HasExited)
        {
            // See the summary.
        }
    }

    public void Signal(Signal signal) => Signals.Send(Id, signal);

    /// <summary>Waits for its end.</summary>
    /// <exception cref="ChildException">It did not end in time.</exception>
    public async Task WaitForExitAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience ?? Patience);
        }
        catch (TimeoutException)
        {
            throw new ChildException($"{Name} did not end within {patience ?? Patience}; the end of its log:\n{LogTail()}");
        }
    }

    /// <summary>Kills it, if it still runs. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _leash?.Kill();
        _leash?.Dispose();
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private string LogTail()
    {
        lock (_log) _log.Flush();
        return string.Join('\n', File.ReadLines(LogPath).TakeLast(15));
    }

    private async Task ReadLinesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line) _lines.Writer.TryWrite(line);
        _lines.Writer.Complete();
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_log) _log.WriteLine(line);
        }
    }

    private static Process Start(string[] command, bool errors) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = errors,
    })!;
}

/// <summary>A child did not do what it had to.</summary>
internal sealed class ChildException(string message) : Exception(message);

using System.Diagnostics;

namespace ActorGrid.Sqlite.Tests;

/// <summary>This test assembly, run as a program of its own, whose lines are gathered as they come.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource _spoke = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _awaited = int.MaxValue;
    private readonly Task<string> _errors;
    private readonly Task _reading;

    public ChildProcess(params string[] arguments)
        : this(new Dictionary<string, string>(StringComparer.Ordinal), arguments)
    {
    }

    public ChildProcess(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(ChildProcess).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase)) start.FileName = "dotnet";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public int Id => _process.Id;

    /// <summary>Until the child has said something.</summary>
    public Task FirstLineAsync() => _spoke.Task.WaitAsync(Patience);

    /// <summary>Until the child has said so much more than now. To be called once.</summary>
    public Task LinesAsync(int more)
    {
        lock (_lines) _awaited = _lines.Count + more;
        return _reached.Task.WaitAsync(Patience);
    }

    public void Kill() => _process.Kill();

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        Assert.True(kill.WaitForExit(Patience));
    }

    /// <summary>Waits for the end, and returns all whole lines that the child wrote.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _reading.WaitAsync(Patience);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        string errors = await _errors;
        Assert.True(errors.Length == 0, errors);
        return _lines;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var text = new System.Text.StringBuilder();
        char[] buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            foreach (char c in buffer.AsSpan(0, count))
            {
                if (c != '\n')
                {
                    text.Append(c);
                    continue;
                }
                // A line that the kill cut off was never said.
                lock (_lines)
                {
                    _lines.Add(text.ToString());
                    if (_lines.Count >= _awaited) _reached.TrySetResult();
                }
                text.Clear();
                _spoke.TrySetResult();
            }
        }
        _spoke.TrySetResult();
        _reached.TrySetResult();
    }
}

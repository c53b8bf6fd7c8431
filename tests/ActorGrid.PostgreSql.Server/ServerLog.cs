using System.Diagnostics;

namespace ActorGrid.PostgreSql.Server;

/// <summary>Reads what the server says, for it must not wait for a reader, and tells when it is ready.</summary>
internal sealed class ServerLog
{
    private const int LinesMax = 50;

    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServerLog(Process server)
    {
        server.ErrorDataReceived += (_, line) => Take(line.Data);
        server.OutputDataReceived += (_, line) => Take(line.Data);
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
    }

    /// <summary>Ends when connections are taken, or fails when the server has ended before.</summary>
    public Task Ready => _ready.Task;

    public override string ToString()
    {
        lock (_lines) return string.Join(Environment.NewLine, _lines);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("It ended."));
            return;
        }
        if (line.Contains("ready to accept", StringComparison.Ordinal)) _ready.TrySetResult();
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesMax) _lines.Dequeue();
        }
    }
}

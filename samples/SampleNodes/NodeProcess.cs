using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace SampleNodes;

/// <summary>A node as a process that this one has started. It ends when its standard input is closed, so also when this process is killed.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Lock _lock = new();

    private NodeProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_lock) _errors.AppendLine(e.Data);
        };
        // Read all the same: a full pipe would hold the node up.
        _process.OutputDataReceived += static (_, _) => { };
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        Id = _process.Id;
    }

    /// <summary>How long a node may take to leave before it is killed.</summary>
    public static TimeSpan StopPatience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Its name in the grid.</summary>
    public string Name { get; }

    /// <summary>The id of the process.</summary>
    public int Id { get; }

    /// <summary>Whether it was killed on purpose.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>Whether it has ended, for whatever reason.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it has said of errors.</summary>
    public string Errors
    {
        get
        {
            lock (_lock) return _errors.ToString().Trim();
        }
    }

    /// <summary>Starts this program anew, as a node.</summary>
    public static NodeProcess Start(string name, StoreChoice store, IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        bool isHosted = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        IEnumerable<string> own = isHosted ? [Assembly.GetEntryAssembly()!.Location] : [];
        return new NodeProcess(name, new Process
        {
            StartInfo = new ProcessStartInfo(program, [.. own, .. NodeOptions.Child(name, store), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        });
    }

    /// <summary>Ends it as SIGKILL does.</summary>
    public void Kill()
    {
        IsKilled = true;
        _process.Kill();
    }

    /// <summary>Lets it leave, and kills it if that takes too long.</summary>
    /// <returns>Whether it left.</returns>
    public async Task<bool> StopAsync()
    {
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(patience.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }
}

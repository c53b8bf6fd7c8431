namespace WordCount.Tests;

/// <summary>Hears of each write of another process to the files of a job: the finest sign of how far it is that can be had from outside.</summary>
internal sealed class StoreWatch : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly FileSystemWatcher _watcher;
    private readonly SemaphoreSlim _writes = new(0);

    public StoreWatch(string folder)
    {
        _watcher = new(Directory.CreateDirectory(folder).FullName) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Changed += (_, _) => _writes.Release();
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Waits for so many writes; false if the process ended before.</summary>
    public async Task<bool> WrittenAsync(int writes, Task processEnded)
    {
        using CancellationTokenSource bound = new(WaitMax);
        for (int i = 0; i < writes; i++)
        {
            Task written = _writes.WaitAsync(bound.Token);
            if (await Task.WhenAny(written, processEnded) == processEnded)
                return false;
            await written;
        }

        return true;
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _writes.Dispose();
    }
}

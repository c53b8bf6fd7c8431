using System.Buffers;
using System.Text;

namespace Sessions;

/// <summary>
/// Appends to a new file of the ledger. What gathers while one group is on its way to the disk goes there as the next group, with one fsync
/// for all of it.
/// </summary>
/// <remarks>Any number of threads may append at once.</remarks>
internal sealed class LedgerWriter : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly FileStream _file;
    private readonly Task _writing;
    private Group _gathering = new();
    private IOException? _failure;
    private bool _closed;

    /// <summary>Begins a new file in a directory.</summary>
    /// <exception cref="IOException">The file cannot be made, or another process makes it.</exception>
    public LedgerWriter(string directory)
    {
        _file = new FileStream(LedgerFiles.Next(directory), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Appends records.</summary>
    /// <returns>Completes when they are on disk, and fails when they cannot get there.</returns>
    public Task AppendAsync(params IReadOnlyList<LedgerRecord> records)
    {
        string lines = string.Concat(records.Select(r => r.ToLine() + "\n"));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_failure is not null) return Task.FromException(_failure);
            // The first of a group wakes the writer; the others ride along.
            if (_gathering.Bytes.WrittenCount == 0) _work.Release();
            Encoding.UTF8.GetBytes(lines, _gathering.Bytes);
            return _gathering.OnDisk.Task;
        }
    }

    /// <summary>Writes what is still to be written, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
        }
        _work.Release();
        await _writing;
        await _file.DisposeAsync();
        _work.Dispose();
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await _work.WaitAsync();
            Group group;
            bool last;
            lock (_lock)
            {
                (group, _gathering) = (_gathering, new Group());
                last = _closed;
            }
            try
            {
                _file.Write(group.Bytes.WrittenSpan);
                _file.Flush(flushToDisk: true);
                group.OnDisk.SetResult();
            }
            catch (IOException e)
            {
                // A later group behind a torn one would be damage, so there is none: from here on, everyone gets this error.
                group.OnDisk.SetException(e);
                lock (_lock)
                {
                    _failure = e;
                    _gathering.OnDisk.SetException(e);
                }
                return;
            }
            if (last) return;
        }
    }

    private sealed class Group
    {
        public ArrayBufferWriter<byte> Bytes { get; } = new();

        public TaskCompletionSource OnDisk { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

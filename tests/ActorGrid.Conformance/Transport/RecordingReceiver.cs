using ActorGrid.Cluster;

namespace ActorGrid.Conformance;

/// <summary>Writes down what a transport reports, checks its order, and lets a test wait for it.</summary>
public sealed class RecordingReceiver : ITransportReceiver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<ILink> _opened = [];
    private readonly List<ILink> _closed = [];
    private readonly List<(ILink Link, byte[] Frame, Lane Lane)> _frames = [];
    private readonly List<(string Endpoint, DialFailure Failure)> _failures = [];
    private readonly List<string> _faults = [];
    private int _forgotten;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called with each frame, on the transport's thread.</summary>
    public Action<ILink, byte[], Lane>? OnFrameCame { get; set; }

    /// <summary>Called with each link that has closed, on the transport's thread.</summary>
    public Action<ILink>? OnLinkClosed { get; set; }

    public async Task<ILink> LinkAsync(int number = 1)
    {
        await UntilAsync(() => _opened.Count >= number, $"link {number}");
        return _opened[number - 1];
    }

    public Task ClosedAsync(ILink link) => UntilAsync(() => _closed.Contains(link), "the end of a link");

    public async Task<DialFailure> FailureAsync(string endpoint, int number = 1)
    {
        await UntilAsync(() => _failures.Count(f => f.Endpoint == endpoint) >= number, $"a failed dial of {endpoint}");
        lock (_lock) return _failures.Last(f => f.Endpoint == endpoint).Failure;
    }

    public async Task<IReadOnlyList<byte[]>> FramesAsync(int count, Lane lane = Lane.Data)
    {
        await UntilAsync(() => _frames.Count(f => f.Lane == lane) >= count, $"{count} frames on the {lane} lane");
        lock (_lock) return [.. _frames.Where(f => f.Lane == lane).Select(f => f.Frame)];
    }

    public int OpenedCount
    {
        get
        {
            lock (_lock) return _opened.Count;
        }
    }

    /// <summary>How many frames have come on both lanes.</summary>
    public int FrameCount
    {
        get
        {
            lock (_lock) return _forgotten + _frames.Count;
        }
    }

    public Task FrameCountAsync(int count) => UntilAsync(() => _forgotten + _frames.Count >= count, $"{count} frames");

    /// <summary>Lets go of the frames that have come, and keeps their number.</summary>
    public void ForgetFrames()
    {
        lock (_lock)
        {
            _forgotten += _frames.Count;
            _frames.Clear();
        }
    }

    public void OnOpened(ILink link) => Note(() =>
    {
        if (_opened.Contains(link)) _faults.Add("A link has opened twice.");
        _opened.Add(link);
    });

    public void OnFrame(ILink link, ReadOnlySpan<byte> frame, Lane lane)
    {
        byte[] copy = frame.ToArray();
        Note(() =>
        {
            if (!_opened.Contains(link)) _faults.Add("A frame came on a link that is not open yet.");
            if (_closed.Contains(link)) _faults.Add("A frame came on a link that has closed.");
            _frames.Add((link, copy, lane));
        });
        OnFrameCame?.Invoke(link, copy, lane);
    }

    public void OnClosed(ILink link)
    {
        Note(() =>
        {
            if (!_opened.Contains(link)) _faults.Add("A link has closed that was never open.");
            if (_closed.Contains(link)) _faults.Add("A link has closed twice.");
            _closed.Add(link);
        });
        OnLinkClosed?.Invoke(link);
    }

    public void OnDialFailed(string endpoint, DialFailure failure) => Note(() => _failures.Add((endpoint, failure)));

    /// <summary>Fails if the reports were not in order.</summary>
    public void Check()
    {
        lock (_lock) Assert.Empty(_faults);
    }

    private void Note(Action action)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            action();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    private async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (isSo()) return;
                changed = _changed.Task;
            }
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{Patience.TotalSeconds} s have passed without {what}; opened {_opened.Count}, closed {_closed.Count}, frames {_frames.Count}, failures {string.Join(", ", _failures)}.");
            }
        }
    }
}

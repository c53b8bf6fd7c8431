using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>What a node on an <see cref="InMemoryNetwork"/> is still to be told. It is told in order and one thing at a time: by whoever comes first, or by a
/// dispatcher.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class InMemoryInbox(ITransportReceiver receiver, Dispatcher? dispatcher) : IRunnable
{
    /// <summary>Bytes of frames on the data lane that may wait. Those on the control lane are few and small.</summary>
    private const int DataBytesMax = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<(Action<ITransportReceiver> Tell, int DataBytes)> _waiting = [];
    private int _dataBytes;
    private bool _isRunning;

    /// <summary>False, and nothing was added, if there is no room.</summary>
    public bool TryAdd(int bytes, Lane lane, Action<ITransportReceiver> tell) => Add(lane == Lane.Data ? bytes : 0, tell);

    public void Add(Action<ITransportReceiver> tell) => Add(0, tell);

    public void Run()
    {
        while (true)
        {
            Action<ITransportReceiver> tell;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _isRunning = false;
                    return;
                }
                (tell, int dataBytes) = _waiting.Dequeue();
                _dataBytes -= dataBytes;
            }
            tell(receiver);
        }
    }

    private bool Add(int dataBytes, Action<ITransportReceiver> tell)
    {
        lock (_lock)
        {
            if (dataBytes > 0 && _dataBytes + dataBytes > DataBytesMax) return false;
            _dataBytes += dataBytes;
            _waiting.Enqueue((tell, dataBytes));
            // Whoever runs already takes this along; so what is told never calls itself, however the nodes answer each other.
            if (_isRunning) return true;
            _isRunning = true;
        }
        if (dispatcher is null) Run();
        else dispatcher.Schedule(this);
        return true;
    }
}

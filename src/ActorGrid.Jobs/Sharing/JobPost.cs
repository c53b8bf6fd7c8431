using System.Buffers;

namespace ActorGrid.Jobs;

/// <summary>Sends messages to the jobs of other nodes, and keeps some for a peer that cannot take them now.</summary>
internal sealed class JobPost(IJobPeers peers)
{
    /// <summary>So many messages are kept for a peer; further ones are dropped, as they would be by a link that closes.</summary>
    internal const int WaitingMax = 1000;

    private readonly SortedDictionary<Guid, Queue<byte[]>> _waiting = [];
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    /// <summary>Whether something is kept, to be tried again by <see cref="Flush"/>.</summary>
    public bool IsWaiting => _waiting.Count > 0;

    public void Send(Guid peer, JobMessage message)
    {
        var encoded = JobWire.Encode(message, _buffer);
        if (!_waiting.TryGetValue(peer, out var queue))
        {
            if (peers.Send(peer, encoded)) return;
            _waiting.Add(peer, queue = []);
        }
        if (queue.Count < WaitingMax) queue.Enqueue(encoded.ToArray());
        else JobMetrics.MessagesLost.Add(1);
    }

    /// <summary>Tries again what is kept, in order.</summary>
    public void Flush()
    {
        foreach (var (peer, queue) in _waiting.ToList())
        {
            while (queue.TryPeek(out byte[]? message) && peers.Send(peer, message)) queue.Dequeue();
            if (queue.Count == 0) _waiting.Remove(peer);
        }
    }

    /// <summary>Drops what is kept for a peer.</summary>
    public void Forget(Guid peer) => _waiting.Remove(peer);
}

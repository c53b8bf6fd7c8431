namespace ActorGrid.Jobs;

/// <summary>A piece of work that another node does.</summary>
internal sealed class GivenWork(WorkGiven order, JobWork work, JobPeer peer)
{
    private byte[]? _outcome;
    private int _received;

    public WorkGiven Order { get; } = order;

    public long Number => Order.Number;

    public JobWork Work { get; } = work;

    public JobPeer Peer { get; } = peer;

    /// <summary>When the node was last heard to have it, or told, as a timestamp.</summary>
    public long HeardAt { get; set; }

    /// <summary>When it was last asked for a piece of its outcome, as a timestamp.</summary>
    public long AskedAt { get; set; }

    /// <summary>Its outcome is there, and waits to be fetched piece by piece.</summary>
    public bool IsLarge { get; set; }

    /// <summary>It has ended, or is not wanted.</summary>
    public bool IsSettled { get; set; }

    /// <summary>The outcome is being fetched.</summary>
    public bool IsFetching => _outcome is not null;

    public int Received => _received;

    /// <summary>The outcome, or what has come of it.</summary>
    public ReadOnlyMemory<byte> Outcome => _outcome.AsMemory(0, _received);

    /// <summary>Begins to fetch an outcome of a length within the bounds.</summary>
    public void Fetch(int length) => _outcome = new byte[length];

    /// <summary>Takes a piece.</summary>
    /// <returns>False if it is not the next one, and was not taken.</returns>
    public bool Receive(int offset, ReadOnlySpan<byte> bytes)
    {
        if (_outcome is null || offset != _received || bytes.IsEmpty || bytes.Length > _outcome.Length - _received) return false;
        bytes.CopyTo(_outcome.AsSpan(_received));
        _received += bytes.Length;
        return true;
    }

    public bool IsComplete => _outcome is not null && _received == _outcome.Length;
}

using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>A network inside one process: for tests, and for grids whose nodes share a process.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InMemoryNetwork
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, InMemoryPort> _listening = new(StringComparer.Ordinal);
    private readonly HashSet<(string From, string To)> _cut = [];

    /// <summary>Links that have lost a frame, in the order in which they did.</summary>
    private readonly List<InMemoryLink> _torn = [];

    /// <summary>A transport on this network, for one node.</summary>
    /// <param name="endpoint">Where the node is reached; empty: a client.</param>
    /// <param name="dispatcher">Runs what the node is told. Default: null, the thread that sends.</param>
    public ITransport Connect(string endpoint = "", Dispatcher? dispatcher = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return new InMemoryPort(this, endpoint, dispatcher);
    }

    /// <summary>Loses what one node sends to another, without a word to either, until it is mended. Links stay open until then; dialling gets no answer.</summary>
    internal void Cut(string from, string to)
    {
        lock (_lock) _cut.Add((from, to));
    }

    /// <summary>Loses no more. Links that have lost a frame close: what is sent on one arrives in order, or it closes.</summary>
    internal void Mend()
    {
        InMemoryLink[] torn;
        lock (_lock)
        {
            _cut.Clear();
            torn = [.. _torn];
            _torn.Clear();
        }
        foreach (var link in torn) link.Close();
    }

    /// <summary>Whether a frame that is sent on a link is lost.</summary>
    internal bool Loses(InMemoryLink link, string from, string to)
    {
        lock (_lock)
        {
            if (_cut.Count == 0 || !_cut.Contains((from, to))) return false;
            if (!_torn.Contains(link)) _torn.Add(link);
            return true;
        }
    }

    internal bool IsCut(string from, string to)
    {
        lock (_lock) return _cut.Count > 0 && _cut.Contains((from, to));
    }

    internal InMemoryPort? Find(string endpoint)
    {
        lock (_lock) return _listening.GetValueOrDefault(endpoint);
    }

    internal void Listen(InMemoryPort port)
    {
        lock (_lock)
        {
            if (_listening.TryAdd(port.Endpoint, port) || _listening[port.Endpoint] == port) return;
        }
        throw new InvalidOperationException($"Another node listens on '{port.Endpoint}': give this one an endpoint of its own.");
    }

    internal void Close(InMemoryPort port)
    {
        lock (_lock)
        {
            if (_listening.GetValueOrDefault(port.Endpoint) == port) _listening.Remove(port.Endpoint);
        }
    }
}

namespace ActorGrid.Cluster;

/// <summary>Carries frames between nodes. One link joins two nodes, whoever dialled; what one sends on a lane arrives in that order, once, or the link
/// closes.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Where peers reach this node; empty if they cannot, since it is a client.</summary>
    string Endpoint { get; }

    /// <summary>Begins to accept links and to report. Called once for each incarnation; links of an earlier one are closed.</summary>
    /// <param name="self">Who this node is; every peer learns it with the link.</param>
    /// <param name="receiver">Who is told.</param>
    void Start(NodeHello self, ITransportReceiver receiver);

    /// <summary>Tries once to open a link, and reports <see cref="ITransportReceiver.OnOpened"/> or <see cref="ITransportReceiver.OnDialFailed"/>.</summary>
    void Dial(string endpoint);
}

/// <summary>Who a node is, as its peers learn it when a link opens.</summary>
/// <param name="Grid">The name of the grid; links between grids are refused.</param>
/// <param name="Incarnation">Its incarnation.</param>
/// <param name="Name">Its name.</param>
/// <param name="Endpoint">Where it is reached; empty if it is a client.</param>
public sealed record NodeHello(string Grid, Guid Incarnation, string Name, string Endpoint);

/// <summary>A link to a peer.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public interface ILink
{
    /// <summary>Who is at the other end.</summary>
    NodeHello Peer { get; }

    /// <summary>The endpoint that this side dialled to open the link: who answers there is the peer, which is more than it says of itself. Null if the peer
    /// dialled.</summary>
    string? DialledEndpoint { get; }

    /// <summary>Sends a frame, which is copied before this returns.</summary>
    /// <returns>False if the link is closed, or the peer has not taken what was sent before: nothing was sent. A frame that was taken may be lost if the
    /// link closes.</returns>
    /// <exception cref="ArgumentException">The frame is longer than the transport can carry, which is at least 16 MiB and 4 KiB.</exception>
    bool Send(ReadOnlySpan<byte> frame, Lane lane);

    /// <summary>Closes the link. Idempotent.</summary>
    void Close();
}

/// <summary>Keeps what is urgent apart from what is large.</summary>
public enum Lane
{
    /// <summary>Heartbeats and views.</summary>
    Control,

    /// <summary>All else.</summary>
    Data,
}

/// <summary>Is told what a transport sees.</summary>
/// <remarks>Called from any thread, for one link in order, but for the two lanes, whose frames may come at the same time; must neither block nor throw.</remarks>
public interface ITransportReceiver
{
    /// <summary>A link is open, dialled by either side.</summary>
    void OnOpened(ILink link);

    /// <summary>A frame has come. Its memory is valid for the call only.</summary>
    void OnFrame(ILink link, ReadOnlySpan<byte> frame, Lane lane);

    /// <summary>A link has closed; nothing comes from it any more.</summary>
    void OnClosed(ILink link);

    /// <summary>A link could not be opened.</summary>
    /// <param name="endpoint">What was dialled.</param>
    /// <param name="failure">Why.</param>
    void OnDialFailed(string endpoint, DialFailure failure);
}

/// <summary>Why a link could not be opened.</summary>
public enum DialFailure
{
    /// <summary>The host answered that nobody listens there: a witness that the process has gone.</summary>
    Refused,

    /// <summary>No answer, or none in time: no witness for anything.</summary>
    Unreachable,

    /// <summary>Somebody listens there who is not of this grid.</summary>
    Foreign,
}

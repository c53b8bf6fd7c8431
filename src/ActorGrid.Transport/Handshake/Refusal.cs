namespace ActorGrid.Transport;

/// <summary>Why a connection was refused. The numbers are on the wire.</summary>
internal enum Refusal : byte
{
    None = 0,

    /// <summary>What came is not the protocol.</summary>
    Malformed = 1,

    /// <summary>Another version of the protocol.</summary>
    Version = 2,

    /// <summary>One side wants TLS, the other does not.</summary>
    Security = 3,

    /// <summary>Another grid.</summary>
    Foreign = 4,

    /// <summary>There are too many links.</summary>
    Overloaded = 5,

    /// <summary>A data connection for a link that does not wait for one: it is not known, too late, or has one.</summary>
    UnknownLink = 6,

    /// <summary>The node has stopped, or started anew, meanwhile.</summary>
    Stopped = 7,

    /// <summary>The handshake took too long. Counted, never sent.</summary>
    Slow = 8,

    /// <summary>The connection ended in the handshake. Counted, never sent.</summary>
    CutShort = 9,

    /// <summary>It made room for a newer one in its handshake. Counted, never sent.</summary>
    Displaced = 10,

    /// <summary>No certificate of the grid's authority. Counted; TLS says it in its own way.</summary>
    Certificate = 11,
}

/// <summary>A connection is refused: by this node, or by the peer.</summary>
internal sealed class RefusedException(Refusal refusal, string why) : Exception(why)
{
    public Refusal Refusal => refusal;
}

namespace ActorGrid.Transport;

/// <summary>How messages lie on a connection: each in pieces of at most <see cref="PieceBytesMax"/>, behind 4 bytes that say how long the piece is and
/// whether another one follows. All but the last are of the full length, so each message has one encoding only.</summary>
internal static class FrameFormat
{
    public const int HeaderBytes = 4;

    public const int PieceBytesMax = 64 << 10;

    /// <summary>The most bytes of a message. What the cluster sends is shorter.</summary>
    public const int MessageBytesMax = 17 << 20;

    /// <summary>Set in the header of a piece that another one follows.</summary>
    public const uint MoreFollows = 0x8000_0000;

    /// <summary>How many bytes a message takes on the connection.</summary>
    public static int BytesOf(int messageLength) => messageLength + (HeaderBytes * Math.Max(1, (messageLength + PieceBytesMax - 1) / PieceBytesMax));
}

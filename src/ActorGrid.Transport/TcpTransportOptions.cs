namespace ActorGrid.Transport;

/// <summary>How a <see cref="TcpTransport"/> reaches its peers, and is reached by them.</summary>
public sealed record TcpTransportOptions
{
    /// <summary>The name or address to listen on; <c>0.0.0.0</c> and <c>::</c> are all addresses of the host, and need an <see cref="AdvertisedHost"/>.
    /// Null, the default: a client, which listens nowhere and dials only.</summary>
    public string? Host { get; init; }

    /// <summary>The port to listen on. 0 by default: one that is free; from 0 to 65,535.</summary>
    public int Port { get; init; }

    /// <summary>The name or address by which peers reach this node. Null, the default: <see cref="Host"/>.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>The certificates of TLS. Null, the default: no TLS, and then only loopback addresses are listened on and dialled.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Whether to listen and to dial beyond this host without TLS, so that whoever reaches the port, or is on the way, can read and change everything. False by
    /// default.</summary>
    public bool AllowPlaintextBeyondLoopback { get; init; }

    /// <summary>How long a peer may take from the first byte to an open link. 5 seconds by default; from 10 ms to a minute.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many peers may be in their handshake; one more takes the place of the one that has been there the longest. 512 by default; from 1 to
    /// 65,536.</summary>
    public int HandshakesMax { get; init; } = 512;

    /// <summary>How many links may be open before those that others dial are refused. 4,096 by default; from 1 to 65,536.</summary>
    public int AcceptedLinksMax { get; init; } = 4096;

    /// <summary>How many bytes may wait to be sent on the data lane of a link, before <see cref="Cluster.ILink.Send"/> says no. A single larger message is
    /// taken when nothing else waits. 8 MiB by default; from 64 KiB to 1 GiB.</summary>
    public int OutgoingBytesMax { get; init; } = 8 << 20;

    /// <summary>How many bytes may be held of messages that have not come whole, over all links; a link that would exceed it is closed. 512 MiB by default;
    /// from 64 MiB to 64 GiB.</summary>
    public long IncomingBytesMax { get; init; } = 512L << 20;

    /// <summary>After how long without an answer from the peer's host a link is closed. 10 seconds by default; from 1 second to an hour.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal void Check()
    {
        CheckRange(nameof(Host), Host is null || Host.Length > 0, "empty", "one character, or null for a client");
        CheckRange(nameof(Port), Port is >= 0 and <= 65_535, Port, "0 to 65,535");
        CheckRange(nameof(AdvertisedHost), AdvertisedHost is null || AdvertisedHost.Length > 0, "empty", "one character, or null");
        CheckRange(nameof(HandshakeTimeout), IsBetween(HandshakeTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)), HandshakeTimeout, "10 ms to a minute");
        CheckRange(nameof(HandshakesMax), HandshakesMax is >= 1 and <= 65_536, HandshakesMax, "1 to 65,536");
        CheckRange(nameof(AcceptedLinksMax), AcceptedLinksMax is >= 1 and <= 65_536, AcceptedLinksMax, "1 to 65,536");
        CheckRange(nameof(OutgoingBytesMax), OutgoingBytesMax is >= 64 << 10 and <= 1 << 30, OutgoingBytesMax, "64 KiB to 1 GiB");
        CheckRange(nameof(IncomingBytesMax), IncomingBytesMax is >= 64L << 20 and <= 64L << 30, IncomingBytesMax, "64 MiB to 64 GiB");
        CheckRange(nameof(SilenceTimeout), IsBetween(SilenceTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), SilenceTimeout, "1 second to an hour");
        Tls?.Check();
    }

    private static bool IsBetween(TimeSpan time, TimeSpan min, TimeSpan max) => time >= min && time <= max;

    private static void CheckRange(string name, bool isInRange, object value, string range)
    {
        if (!isInRange) throw new ArgumentException($"{nameof(TcpTransportOptions)}.{name} is {value}; it must be from {range}.", nameof(value));
    }
}

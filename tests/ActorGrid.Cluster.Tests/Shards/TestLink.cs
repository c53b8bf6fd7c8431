using System.Collections.Frozen;

namespace ActorGrid.Cluster.Tests;

/// <summary>Keeps what is sent, as long as it takes any.</summary>
internal sealed class TestLink(NodeHello peer) : ILink
{
    public NodeHello Peer => peer;

    public string? DialledEndpoint => null;

    /// <summary>How many frames it still takes.</summary>
    public int Room { get; set; } = int.MaxValue;

    public List<WireMessage> Sent { get; } = [];

    public IReadOnlyList<HandoverSent> Pieces => [.. Sent.OfType<HandoverSent>()];

    public bool Send(ReadOnlySpan<byte> frame, Lane lane)
    {
        if (Room == 0) return false;
        Room--;
        Sent.Add(WireCodec.Decode(frame));
        return true;
    }

    public void Close()
    {
    }
}

internal static class TestLinks
{
    public static FrozenDictionary<Guid, ILink> ToFrozen(this Dictionary<Guid, ILink> links) => links.ToFrozenDictionary();
}

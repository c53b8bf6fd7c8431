using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A view as bytes: whole, or as the difference from an earlier one.</summary>
public static class ViewCodec
{
    /// <summary>The most bytes that are decoded. A grid of 65,536 shards and 4,096 members takes less than 1 MiB.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    /// <summary>A view whole.</summary>
    public static byte[] Encode(ClusterView view) => throw new NotSupportedException();

    /// <summary>What has changed from one view to a later one of the same grid, over any number of versions.</summary>
    public static byte[] EncodeDelta(ClusterView from, ClusterView to) => throw new NotSupportedException();

    /// <summary>The version that the difference starts from; null if the bytes hold a view whole.</summary>
    /// <exception cref="InvalidDataException">The bytes are no view.</exception>
    public static long? BaseVersion(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    /// <summary>Reads what <see cref="Encode"/> or <see cref="EncodeDelta"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="grid">The grid that the view must be of.</param>
    /// <param name="known">The view that a difference starts from; not needed for a whole one.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged, of a newer format, of another grid, or a difference from another version.</exception>
    public static ClusterView Decode(ReadOnlySpan<byte> bytes, GridIdentity grid, ClusterView? known = null) => throw new NotSupportedException();
}

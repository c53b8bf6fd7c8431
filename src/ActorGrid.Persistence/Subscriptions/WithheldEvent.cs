namespace ActorGrid.Persistence;

/// <summary>Stands in the page of a subscription where an event stood that nobody is given: one of a forgotten entity, or one that a repair skips. It is passed like the events of ActorGrid's own.</summary>
internal static class WithheldEvent
{
    /// <summary>Of no codec, since the name of none begins with <c>$</c>; and never stored.</summary>
    private const string Manifest = "$withheld";

    public static JournalEvent Of(JournalEvent e) => e with { Manifest = Manifest, Payload = ReadOnlyMemory<byte>.Empty };
}

namespace ActorGrid.Failover;

/// <summary>What a client has seen, as it hands it to the process that measures.</summary>
/// <param name="Asks">All asks, in the order in which they were due.</param>
/// <param name="Failures">The messages of the first failures.</param>
internal sealed record AskLog(IReadOnlyList<Ask> Asks, IReadOnlyList<string> Failures)
{
    public const int FailuresMax = 20;

    public void Write(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(Asks.Count);
        foreach (var ask in Asks)
        {
            writer.Write(ask.Entity);
            writer.Write(ask.Number);
            writer.Write(ask.Due.Ticks);
            writer.Write(ask.Sent.Ticks);
            writer.Write(ask.Ended.Ticks);
            writer.Write((byte)ask.Outcome);
            writer.Write(ask.Reading.Version);
            writer.Write(ask.Reading.Owner);
        }
        writer.Write(Failures.Count);
        foreach (string failure in Failures) writer.Write(failure);
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <exception cref="IOException">The file ends too early, or cannot be read.</exception>
    public static AskLog Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var asks = new Ask[reader.ReadInt32()];
        for (int i = 0; i < asks.Length; i++)
        {
            asks[i] = new Ask(
                reader.ReadInt32(), reader.ReadInt32(), new TimeSpan(reader.ReadInt64()), new TimeSpan(reader.ReadInt64()), new TimeSpan(reader.ReadInt64()),
                (Outcome)reader.ReadByte(), new Reading(reader.ReadInt64(), reader.ReadInt32()));
        }
        var failures = new string[reader.ReadInt32()];
        for (int i = 0; i < failures.Length; i++) failures[i] = reader.ReadString();
        return new AskLog(asks, failures);
    }
}

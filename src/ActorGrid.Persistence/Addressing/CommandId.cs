using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActorGrid.Persistence;

/// <summary>
/// Names one command for good: whoever sends a command again under the same id gets the first outcome, and the command takes effect once.
/// An id begins with its time of issue, so that it can be told when it is too old to be known any more; laid out as UUID version 7 (RFC
/// 9562).
/// </summary>
/// <param name="High">48 bits of Unix milliseconds, 4 bits of version (7), 12 bits of chance.</param>
/// <param name="Low">2 bits of variant, 62 bits of chance.</param>
public readonly record struct CommandId(ulong High, ulong Low) : IComparable<CommandId>
{
    private const ulong Version = 0x7000, Variant = 0x8000_0000_0000_0000;

    /// <summary>When the id was issued, in Unix milliseconds by the clock of who issued it.</summary>
    public long IssuedAtUnixMs => (long)(High >> 16);

    /// <summary>Issues an id.</summary>
    /// <param name="now">The time of issue, from 1970 on.</param>
    /// <param name="random">A source of chance, which is used by this thread only.</param>
    public static CommandId New(DateTimeOffset now, Random random)
    {
        ulong high = (ulong)random.NextInt64(), low = (ulong)random.NextInt64();
        return Compose(now.ToUnixTimeMilliseconds(), high, low);
    }

    /// <summary>The id of what an entity does on its own (a timer that fires, a command that it sends): always the same for the same
    /// cause.</summary>
    /// <param name="sender">The entity.</param>
    /// <param name="sequence">The sequence number of the event that is the cause.</param>
    /// <param name="index">Which one of several with the same cause.</param>
    /// <param name="atUnixMs">The time stored with the cause, or the time at which it comes due.</param>
    public static CommandId Derive(EntityId sender, long sequence, int index, long atUnixMs)
    {
        return Derive(string.Create(CultureInfo.InvariantCulture, $"{sender.Type}/{sender.Key}\n{sequence}\n{index}"), atUnixMs);
    }

    /// <summary>The id of what a subscription does on account of an event. No entity type begins with <c>$</c>, so it is never that of what an entity does on its own.</summary>
    internal static CommandId Derive(string subscription, EntityId entity, long sequence, int index, long atUnixMs) =>
        Derive(string.Create(CultureInfo.InvariantCulture, $"$subscription {subscription}\n{entity.Type}/{entity.Key}\n{sequence}\n{index}"), atUnixMs);

    private static CommandId Derive(string cause, long atUnixMs)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(cause), hash);
        return Compose(atUnixMs, BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is not a command id.</exception>
    public static CommandId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not a command id: expected a UUID of version 7, such as '{new CommandId(Version, Variant)}'.");

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    /// <returns>False if the text is not a UUID of version 7.</returns>
    public static bool TryParse(string? text, out CommandId id)
    {
        id = default;
        if (!Guid.TryParseExact(text, "D", out var guid)) return false;
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        id = new CommandId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        return (id.High & 0xF000) == Version && (id.Low & 0xC000_0000_0000_0000) == Variant;
    }

    /// <inheritdoc/>
    public int CompareTo(CommandId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>The 16 bytes of the id in network order, as stores keep it.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    public static CommandId ReadFrom(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    /// <summary>The usual form of a UUID.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteTo(bytes);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private static CommandId Compose(long unixMs, ulong high, ulong low)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unixMs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unixMs, 0xFFFF_FFFF_FFFF);
        return new CommandId(((ulong)unixMs << 16) | Version | (high & 0x0FFF), Variant | (low & 0x3FFF_FFFF_FFFF_FFFF));
    }
}

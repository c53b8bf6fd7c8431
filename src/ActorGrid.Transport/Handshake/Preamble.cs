using System.Buffers.Binary;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>The first bytes of a connection, in either direction, before TLS: so that two programs that do not fit each other can say so. Sent by who has
/// dialled with the lane, and back with the answer.</summary>
/// <param name="Version">The version of the protocol that the sender speaks.</param>
/// <param name="HasTls">Whether the sender goes on with TLS.</param>
/// <param name="Code">Of the dialler: the lane. Of the other: the <see cref="Refusal"/>, or 0.</param>
internal readonly record struct Preamble(byte Version, bool HasTls, byte Code)
{
    public const int Length = 8;

    public const byte PresentVersion = 1;

    /// <summary>"AGRD".</summary>
    private const uint Magic = 0x41475244;

    public static Preamble Of(Lane lane, bool hasTls) => new(PresentVersion, hasTls, (byte)lane);

    public static Preamble Of(Refusal refusal, bool hasTls) => new(PresentVersion, hasTls, (byte)refusal);

    public void Write(Span<byte> output)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output, Magic);
        output[4] = Version;
        output[5] = HasTls ? (byte)1 : (byte)0;
        output[6] = Code;
        output[7] = 0;
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <exception cref="RefusedException">These are not the first bytes of a peer.</exception>
    public static Preamble Read(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes) != Magic) throw new RefusedException(Refusal.Malformed, "it does not begin as a node does");
        // What other versions mean by the rest is not known.
        if (bytes[4] != PresentVersion) return new Preamble(bytes[4], HasTls: false, 0);
        if (bytes[5] > 1 || bytes[7] != 0) throw new RefusedException(Refusal.Malformed, "its first bytes are not those of a node");
        return new Preamble(bytes[4], bytes[5] == 1, bytes[6]);
    }
}

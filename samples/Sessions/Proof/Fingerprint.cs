using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sessions;

/// <summary>
/// Tells in 24 bytes which events a session has taken in, whatever their number and order. The session keeps the fingerprint of the events
/// that it applied; the ledger gives the fingerprint of those that were acknowledged. If the two are equal, then so are the two collections
/// of events:
/// <list type="bullet">
/// <item>an event lost or doubled changes the count and the sum;</item>
/// <item>an event altered (its number, kind, text or amount) changes the sum and the xor;</item>
/// <item>a loss here and a double there leave the count equal, but not the sum.</item>
/// </list>
/// Sum and xor are taken over different halves of a SHA-256, so by chance two different collections agree once in 2^128.
/// Addition and xor do not care about order, so a client may have any number of events under way to one session.
/// </summary>
/// <param name="Count">How many events.</param>
/// <param name="Sum">The sum, modulo 2^64, of the first 64 bits of the events' hashes.</param>
/// <param name="Xor">The exclusive or of the next 64 bits of the events' hashes.</param>
public readonly record struct Fingerprint(long Count, ulong Sum, ulong Xor)
{
    private const int TextBytesOnStack = 512;

    /// <summary>The fingerprint of one page view.</summary>
    public static Fingerprint OfPageView(long number, string path) => Of(kind: 1, number, path, amount: 0);

    /// <summary>The fingerprint of one purchase.</summary>
    public static Fingerprint OfPurchase(long number, string sku, long cents) => Of(kind: 2, number, sku, cents);

    /// <summary>The fingerprint of both collections together.</summary>
    public static Fingerprint operator +(Fingerprint a, Fingerprint b) => unchecked(new(a.Count + b.Count, a.Sum + b.Sum, a.Xor ^ b.Xor));

    /// <summary>The fingerprint that, added to <paramref name="b"/>, gives <paramref name="a"/>.</summary>
    public static Fingerprint operator -(Fingerprint a, Fingerprint b) => unchecked(new(a.Count - b.Count, a.Sum - b.Sum, a.Xor ^ b.Xor));

    private static Fingerprint Of(byte kind, long number, string text, long amount)
    {
        // Fields of fixed size first, then the text up to the end: no two different events give the same bytes.
        const int Fixed = 17;
        int length = Fixed + Encoding.UTF8.GetByteCount(text);
        Span<byte> bytes = length <= TextBytesOnStack ? stackalloc byte[length] : new byte[length];
        bytes[0] = kind;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], number);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], amount);
        Encoding.UTF8.GetBytes(text, bytes[Fixed..]);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new Fingerprint(1, BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }
}

using System.Buffers.Binary;
using System.Text;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>The greetings that follow the preamble, on both connections of a link. Each is 2 bytes of length and that many bytes; each has one encoding
/// only.</summary>
internal static class HelloCodec
{
    /// <summary>The most bytes of a greeting, without its length.</summary>
    public const int BytesMax = 1024;

    public const int TokenBytes = 16;

    /// <summary>The most bytes of the name of a grid or node, or of an endpoint, in UTF-8.</summary>
    private const int TextBytesMax = 255;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Of a node: who it is.</summary>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    public static byte[] OfNode(NodeHello hello) => Pack([.. hello.Incarnation.ToByteArray(bigEndian: true), .. Text(hello.Grid), .. Text(hello.Name), .. Text(hello.Endpoint)]);

    /// <summary>Of a node that takes a control connection: who it is, and by which token the data connection is to be joined to it.</summary>
    public static byte[] OfNode(NodeHello hello, Guid token) => Pack([0, .. token.ToByteArray(bigEndian: true), .. OfNode(hello).AsSpan(2)]);

    /// <summary>Of a data connection: which link it belongs to.</summary>
    public static byte[] OfToken(Guid token) => Pack(token.ToByteArray(bigEndian: true));

    /// <summary>Of a node that takes a data connection, or refuses either.</summary>
    public static byte[] OfOutcome(Refusal refusal) => Pack([(byte)refusal]);

    /// <summary>Reads <see cref="OfNode(NodeHello)"/>.</summary>
    /// <exception cref="RefusedException">It is not the greeting of a node.</exception>
    public static NodeHello ReadNode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 16) throw Malformed();
        var incarnation = new Guid(bytes[..16], bigEndian: true);
        bytes = bytes[16..];
        var hello = new NodeHello(ReadText(ref bytes), incarnation, ReadText(ref bytes), ReadText(ref bytes));
        return bytes.IsEmpty && incarnation != Guid.Empty ? hello : throw Malformed();
    }

    /// <summary>Reads <see cref="OfNode(NodeHello, Guid)"/>.</summary>
    /// <exception cref="RefusedException">The peer refuses, or it is not the greeting of a node.</exception>
    public static (NodeHello Hello, Guid Token) ReadNodeAndToken(ReadOnlySpan<byte> bytes)
    {
        ThrowIfRefused(bytes);
        if (bytes.Length < 1 + TokenBytes) throw Malformed();
        return (ReadNode(bytes[(1 + TokenBytes)..]), new Guid(bytes[1..(1 + TokenBytes)], bigEndian: true));
    }

    /// <summary>Reads <see cref="OfToken"/>.</summary>
    /// <exception cref="RefusedException">It is not the greeting of a data connection.</exception>
    public static Guid ReadToken(ReadOnlySpan<byte> bytes) => bytes.Length == TokenBytes ? new Guid(bytes, bigEndian: true) : throw Malformed();

    /// <summary>Reads <see cref="OfOutcome"/>.</summary>
    /// <exception cref="RefusedException">The peer refuses.</exception>
    public static void ReadOutcome(ReadOnlySpan<byte> bytes)
    {
        ThrowIfRefused(bytes);
        if (bytes.Length != 1) throw Malformed();
    }

    private static void ThrowIfRefused(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || (bytes[0] != 0 && bytes.Length != 1)) throw Malformed();
        if (bytes[0] != 0) throw new RefusedException((Refusal)bytes[0], $"the peer refuses: {(Refusal)bytes[0]}");
    }

    private static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        byte[] packed = new byte[2 + bytes.Length];
        BinaryPrimitives.WriteUInt16BigEndian(packed, checked((ushort)bytes.Length));
        bytes.CopyTo(packed.AsSpan(2));
        return packed;
    }

    private static byte[] Text(string text)
    {
        byte[] bytes = Utf8.GetBytes(text);
        if (bytes.Length > TextBytesMax) throw new ArgumentException($"'{text}' has {bytes.Length} bytes in UTF-8; a grid, a node and an endpoint have names of at most {TextBytesMax}.", nameof(text));
        return [(byte)bytes.Length, .. bytes];
    }

    private static string ReadText(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] > bytes.Length - 1) throw Malformed();
        var text = bytes.Slice(1, bytes[0]);
        bytes = bytes[(1 + text.Length)..];
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed();
        }
    }

    private static RefusedException Malformed() => new(Refusal.Malformed, "its greeting is not that of a node");
}

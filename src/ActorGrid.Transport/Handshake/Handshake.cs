using System.Buffers.Binary;
using ActorGrid.Cluster;

namespace ActorGrid.Transport;

/// <summary>What both sides say before there are frames, on the loop of the handshakes. Each reads exactly what the other has to say, so nothing is left of it
/// when frames begin.</summary>
internal sealed class Handshake(TlsContext? tls)
{
    /// <summary>The dialling side, up to the greetings.</summary>
    /// <exception cref="RefusedException">The peer refuses, or is none.</exception>
    public async ValueTask<Stream> BeginDialledAsync(Stream stream, Lane lane)
    {
        byte[] bytes = new byte[Preamble.Length];
        Preamble.Of(lane, tls is not null).Write(bytes);
        await stream.WriteAsync(bytes);
        await stream.ReadExactlyAsync(bytes);
        var answer = Preamble.Read(bytes);
        if (answer.Version != Preamble.PresentVersion)
        {
            throw new RefusedException(Refusal.Version, $"it speaks version {answer.Version} of the protocol, this node version {Preamble.PresentVersion}");
        }
        // These bytes are not secured. What is said in them of the grid or the node behind them, anybody on the way could have said.
        if ((Refusal)answer.Code is not (Refusal.None or Refusal.Malformed or Refusal.Version or Refusal.Security))
        {
            throw new RefusedException(Refusal.Malformed, $"its first bytes refuse with {answer.Code}, which is not to be said there");
        }
        if (answer.Code != 0)
        {
            throw new RefusedException((Refusal)answer.Code, (Refusal)answer.Code == Refusal.Security ? SecurityFault(answer.HasTls) : $"the peer refuses: {(Refusal)answer.Code}");
        }
        return tls is null ? stream : await tls.DialledAsync(stream);
    }

    /// <summary>The accepting side, up to the greetings.</summary>
    /// <exception cref="RefusedException">The dialler is no peer.</exception>
    public async ValueTask<(Stream Stream, Lane Lane)> BeginAcceptedAsync(Stream stream)
    {
        byte[] bytes = new byte[Preamble.Length];
        await stream.ReadExactlyAsync(bytes);
        var asked = Preamble.Read(bytes);
        RefusedException? refused = null;
        if (asked.Version != Preamble.PresentVersion)
        {
            refused = new RefusedException(Refusal.Version, $"it speaks version {asked.Version} of the protocol, this node version {Preamble.PresentVersion}");
        }
        else if (asked.Code > (byte)Lane.Data)
        {
            refused = new RefusedException(Refusal.Malformed, "there is no such lane");
        }
        else if (asked.HasTls != tls is not null)
        {
            refused = new RefusedException(Refusal.Security, SecurityFault(asked.HasTls));
        }
        Preamble.Of(refused?.Refusal ?? Refusal.None, tls is not null).Write(bytes);
        await stream.WriteAsync(bytes);
        if (refused is not null) throw refused;
        return (tls is null ? stream : await tls.AcceptedAsync(stream), (Lane)asked.Code);
    }

    /// <summary>Reads a greeting.</summary>
    /// <exception cref="RefusedException">It is longer than any.</exception>
    public static async ValueTask<byte[]> ReadAsync(Stream stream)
    {
        byte[] length = new byte[2];
        await stream.ReadExactlyAsync(length);
        int count = BinaryPrimitives.ReadUInt16BigEndian(length);
        if (count > HelloCodec.BytesMax) throw new RefusedException(Refusal.Malformed, $"its greeting has {count} bytes; at most {HelloCodec.BytesMax} are allowed");
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static string SecurityFault(bool peerHasTls) => peerHasTls
        ? "it speaks TLS and this node does not: give this node certificates, or take them from the other"
        : "it does not speak TLS and this node does: give that node certificates of the grid's authority";
}

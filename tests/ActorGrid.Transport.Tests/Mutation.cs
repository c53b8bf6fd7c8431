using System.Buffers.Binary;

namespace ActorGrid.Transport.Tests;

/// <summary>Damages bytes in one to four ways.</summary>
internal static class Mutation
{
    private static readonly uint[] Edges = [0, 1, 0x7F, 0xFF, 0xFFFF, 0x1_0000, 0x1_0001, 0x7FFF_FFFF, 0x8000_0000, 0x8001_0000, 0xFFFF_FFFF];

    public static byte[] Of(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (int i = random.Next(1, 5); i > 0; i--) Damage(bytes, random);
        return [.. bytes];
    }

    private static void Damage(List<byte> bytes, Random random)
    {
        // Most that matters is at the beginning.
        int at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Count + 1) : bytes.Count + 1);
        int length = Math.Min(random.Next(1, 40), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 2 when length > 0:
                bytes.RemoveRange(at, length);
                break;
            case 3 when length > 0:
                bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                break;
            case 4 when at + 4 <= bytes.Count:
                Span<byte> edge = stackalloc byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(edge, Edges[random.Next(Edges.Length)]);
                for (int i = 0; i < 4; i++) bytes[at + i] = edge[i];
                break;
            default:
                byte[] noise = new byte[random.Next(1, 40)];
                random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
        }
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActorGrid.PostgreSql;

/// <summary>Keys of the server's advisory locks, which are numbers that all users of a database share.</summary>
internal static class StableKey
{
    public static long Of(string name) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("actorgrid/" + name)));
}

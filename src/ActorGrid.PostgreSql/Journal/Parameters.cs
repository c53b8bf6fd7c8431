using ActorGrid.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace ActorGrid.PostgreSql;

/// <summary>Typed parameters by position, as $1, $2 and so on.</summary>
internal static class Parameters
{
    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    /// <summary>Several payloads at once. Their memory is read where it lies.</summary>
    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, ReadOnlyMemory<byte>[] payloads)
    {
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = payloads, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        return command;
    }

    /// <summary>The command id as the server keeps it: in its own byte order, so that the order of the server is the order of time.</summary>
    public static Guid ToUuid(this CommandId command)
    {
        Span<byte> bytes = stackalloc byte[16];
        command.WriteTo(bytes);
        return new Guid(bytes, bigEndian: true);
    }
}

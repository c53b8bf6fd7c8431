using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>What the driver reports, told apart and put into words: the server said no, or nothing is known.</summary>
internal static class ServerFault
{
    /// <summary>
    /// Whether the server took the transaction back and said so. An error ends its transaction; a fatal one (the session is being ended) may come when the
    /// commit is done already, and so may a broken connection.
    /// </summary>
    public static bool IsRefusal(Exception e) => e is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>Whether the refusal hangs on what was sent, so that a part of it alone may go well.</summary>
    public static bool IsOfContent(Exception e) => e is PostgresException refusal && IsRefusal(e) && refusal.SqlState[..2] is "22" or "23" or "54";

    /// <summary>Whether the connection is gone, or has to be given up.</summary>
    public static bool IsLoss(Exception e) => e is NpgsqlException && !IsRefusal(e);

    /// <summary>Whether the call was given up because the server took too long, which says nothing of the connections beside it.</summary>
    public static bool IsTooSlow(Exception e) => e is NpgsqlException { InnerException: TimeoutException };

    /// <summary>Whether it comes from the driver or the network at all, and not from a bug.</summary>
    public static bool IsKnown(Exception e) => e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    /// <summary>Says what happened and what to do.</summary>
    public static StoreException Describe(Exception e, string server)
    {
        if (RefusalOf(e) is { } known) return known;
        string state = (e as PostgresException)?.SqlState ?? "";
        (string text, bool isTransient) = state switch
        {
            PostgresErrorCodes.DiskFull => ($"The disk of {server} is full. Free some space; the store goes on by itself then.", false),
            PostgresErrorCodes.TooManyConnections => (
                $"{server} has no connection left. Raise its max_connections, or use fewer nodes or connections.", true),
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => (
                $"{server} does not let this user in. Check user, password and pg_hba.conf.", false),
            PostgresErrorCodes.InvalidCatalogName => ($"There is no such database on {server}. Create it, or name another one.", false),
            PostgresErrorCodes.InsufficientPrivilege => (
                $"The user may not do this on {server}. Let it own the schema, and let all nodes use the same user.", false),
            PostgresErrorCodes.UndefinedTable => ($"A table of the grid is gone from {server}. Restore it, or open the store again.", false),
            PostgresErrorCodes.ReadOnlySqlTransaction => ($"{server} is not the primary. Name the primary, or all hosts.", true),
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => ($"The data of {server} are damaged. Restore a backup.", false),
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
                or PostgresErrorCodes.QueryCanceled => ($"{server} gave up the call because of others.", true),
            "" => IsTooSlow(e) || e is TimeoutException
                ? ($"{server} did not answer in time.", true)
                : ($"{server} cannot be reached, or the connection broke.", true),
            _ => ($"{server} refused a call.", (e as NpgsqlException)?.IsTransient ?? false),
        };
        return new StoreException($"{text} (It says: {Detail(e)})", isTransient, e);
    }

    /// <summary>What <see cref="SessionCheck"/> had against a connection. With several hosts the driver wraps what it met at each of them.</summary>
    private static StoreException? RefusalOf(Exception? e) => e switch
    {
        StoreException known => known,
        AggregateException several => several.InnerExceptions.Select(RefusalOf).FirstOrDefault(known => known is not null),
        NpgsqlException => RefusalOf(e.InnerException),
        _ => null,
    };

    private static string Detail(Exception e) => e.InnerException is { } inner && e is not PostgresException ? $"{e.Message} {inner.Message}" : e.Message;
}

using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Sessions of one kind: at most so many at once, made when they are needed, made anew when they broke.</summary>
internal sealed class SessionPool : IAsyncDisposable
{
    private readonly SemaphoreSlim _free;
    private readonly NpgsqlDataSource _source;
    private readonly string _server;
    private readonly Action _onLoss;
    private volatile bool _isClosed;

    /// <summary>Makes a pool without sessions yet.</summary>
    /// <param name="source">Makes the connections, and keeps as many.</param>
    /// <param name="sessionsMax">The most at once.</param>
    /// <param name="server">The server, for messages.</param>
    /// <param name="onLoss">Called when a connection broke: those beside it probably did too.</param>
    public SessionPool(NpgsqlDataSource source, int sessionsMax, string server, Action onLoss)
    {
        (_source, _server, _onLoss) = (source, server, onLoss);
        _free = new SemaphoreSlim(sessionsMax, sessionsMax);
    }

    /// <summary>Does something on a session that may be done twice: it is tried once more if the connection had broken.</summary>
    /// <exception cref="StoreException">It failed; nothing is said about what took effect.</exception>
    public async Task<T> RepeatAsync<T>(Func<NpgsqlConnection, Task<T>> body, CancellationToken cancellationToken)
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                return await UseAsync(body, cancellationToken);
            }
            catch (Exception e) when (isFirst && ServerFault.IsLoss(e) && !ServerFault.IsTooSlow(e))
            {
                // The connections that were idle when a server went are found broken one after the other; those made now are not.
                _onLoss();
            }
            catch (Exception e) when (ServerFault.IsKnown(e))
            {
                throw ServerFault.Describe(e, _server);
            }
        }
    }

    /// <summary>Does something on a session. Faults are those of the driver, but for those of connecting.</summary>
    /// <exception cref="StoreException">There is no session to be had; nothing was sent.</exception>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> body, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            try
            {
                return await body(connection);
            }
            catch (Exception e) when (ServerFault.IsLoss(e) && !ServerFault.IsTooSlow(e))
            {
                _onLoss();
                throw;
            }
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Lets go of all connections as soon as nobody uses them.</summary>
    public void Clear() => _source.Clear();

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _source.DisposeAsync();
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgreSqlStore));
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception e) when (ServerFault.IsKnown(e))
        {
            throw ServerFault.Describe(e, _server);
        }
    }
}

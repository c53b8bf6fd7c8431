using ActorGrid.Persistence;
using Npgsql;

namespace ActorGrid.PostgreSql;

/// <summary>Runs the transactions of projections: the move of the cursor and what the user makes of the events, both or neither.</summary>
internal sealed class Projector(Sessions sessions, PostgreSqlStoreOptions options)
{
    private readonly CursorTable _cursors = new(sessions, options);

    /// <summary>Runs one.</summary>
    /// <param name="move">The move of the cursor.</param>
    /// <param name="project">What the user does; null: nothing, only the cursor moves.</param>
    /// <param name="cancellationToken">Ends it; once the commit is tried it counts no more.</param>
    /// <returns>False if the cursor was not the one before: nothing was done.</returns>
    /// <exception cref="Exception">Whatever the driver or the user's code throws. If the commit was tried nothing is known; the cursor tells.</exception>
    public Task<bool> ProjectAsync(CursorMove move, Func<NpgsqlTransaction, CancellationToken, Task>? project, CancellationToken cancellationToken) => sessions.Projections.UseAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // First of all: from here on its row is locked, and whoever else would do the same waits, and then finds it moved.
            var moved = await _cursors.MoveAsync(connection, transaction, [move], cancellationToken);
            if (moved.Count == 0) return false;
            if (project is not null)
            {
                await project(transaction, cancellationToken);
                // A transaction in which a statement has failed is rolled back by a commit, without a word. If the user has caught that, this is where it shows.
                await using var look = new NpgsqlCommand("SELECT 1", connection, transaction);
                await look.ExecuteScalarAsync(cancellationToken);
            }
            await transaction.CommitAsync(CancellationToken.None);
            return true;
        },
        cancellationToken);
}

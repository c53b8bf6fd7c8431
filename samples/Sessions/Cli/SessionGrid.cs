using ActorGrid;
using ActorGrid.Persistence;
using SampleNodes;

namespace Sessions;

/// <summary>A grid with the sessions in it: of one node in this process, or of nodes elsewhere.</summary>
internal sealed class SessionGrid : IAsyncDisposable
{
    public const string EntityType = "session", Schema = "sessions";

    private readonly GridHost _host;

    private SessionGrid(GridHost host) => _host = host;

    public IGrid Grid => _host.Grid;

    /// <summary>What every node consists of.</summary>
    public static void Configure(GridBuilder grid) => grid
        .AddEntity<Session>(EntityType, SessionJson.Default)
        .AddEntity<Leaderboard>("leaderboard", LeaderboardJson.Default)
        .AddSubscription<Session, SessionEvent>("leaderboard", Leaderboard.FollowAsync)
        .Configure(options => options.Name = "sessions");

    /// <summary>Starts a grid of one node, kept in a directory; it is made if it is not there.</summary>
    public static Task<SessionGrid> StartAsync(string directory, TimeProvider time) =>
        StartAsync(new StoreChoice(IsPostgreSql: false, Path.Combine(directory, "grid.db")), isClient: false, time);

    /// <summary>Starts the grid; it is made if it is not there.</summary>
    /// <param name="store">Where it is kept.</param>
    /// <param name="isClient">Whether the sessions live on nodes elsewhere, or in this process, alone.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="StoreException">The store cannot be opened.</exception>
    /// <exception cref="EntityRegistrationException">The entity has a command, an event or a reply that cannot be stored.</exception>
    public static async Task<SessionGrid> StartAsync(StoreChoice store, bool isClient, TimeProvider time) => new(await GridHost.StartAsync(
        grid =>
        {
            Configure(grid);
            store.Apply(grid, Schema);
            if (isClient) grid.AsClient();
        },
        time));

    /// <summary>Sends an event under its command id: sent again, it takes effect once all the same.</summary>
    public Task SendAsync(Planned planned) =>
        Grid.Entity<Session>(planned.Session).AskAsync(planned.Activity, new AskOptions { CommandId = planned.Id });

    public Task<Summary> QueryAsync(string session) => Grid.Entity<Session>(session).AskAsync(new GetSummary());

    public Task<Board> LeadersAsync() => Grid.Entity<Leaderboard>(Leaderboard.Key).AskAsync(new GetBoard());

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}

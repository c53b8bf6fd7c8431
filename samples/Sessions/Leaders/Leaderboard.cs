using System.Globalization;
using System.Text.Json.Serialization;
using ActorGrid;
using ActorGrid.Persistence;

namespace Sessions;

/// <summary>Says what a session has spent so far. Totals only grow, so it does no harm to say it twice, or late.</summary>
public sealed record Place(string Session, long Cents) : ICommand<Leaderboard, Done>;

/// <summary>Asks who has spent most.</summary>
public sealed record GetBoard : ICommand<Leaderboard, Board>;

[JsonDerivedType(typeof(Placed), "placed")]
public abstract record LeaderboardEvent;

public sealed record Placed(string Session, long Cents) : LeaderboardEvent;

/// <summary>The sessions that have spent most, kept by a subscription to the purchases.</summary>
public sealed class Leaderboard : Entity<Leaderboard, Board, LeaderboardEvent>
{
    public const string Key = "all";

    public Leaderboard()
    {
        // Most purchases change nothing here, and then nothing is written.
        On<Place, Done>("place", (board, c, _) => board.With(c.Session, c.Cents) == board ? Answer(default(Done)) : Persist(new Placed(c.Session, c.Cents)).Reply());
        On<GetBoard, Board>("get-board", (board, _, _) => Answer(board));
    }

    public override Board Initial => Board.Empty;

    public override Board Apply(Board board, LeaderboardEvent e) => e is Placed placed ? board.With(placed.Session, placed.Cents) : throw Unknown(e);

    /// <summary>What the subscription does with each event of a session. It looks the total up rather than add the purchase, so that an event which comes again changes nothing.</summary>
    public static async Task FollowAsync(IGrid grid, EventEnvelope<SessionEvent> e, CancellationToken cancel)
    {
        if (e.Event is not Purchased) return;
        var session = await grid.Entity<Session>(e.Entity.Key).AskAsync(new GetSummary(), cancellationToken: cancel);
        await grid.Entity<Leaderboard>(Key).AskAsync(new Place(e.Entity.Key, session.Cents), cancellationToken: cancel);
    }
}

/// <summary>The first places.</summary>
/// <param name="Ranks">At most ten, the one that has spent most first; of those that have spent the same, by name.</param>
public sealed record Board(IReadOnlyList<Rank> Ranks)
{
    private const int RanksMax = 10;

    public static Board Empty { get; } = new([]);

    /// <summary>The board once a session has spent so much; the same object if that changes nothing.</summary>
    public Board With(string session, long cents)
    {
        var known = Ranks.FirstOrDefault(rank => rank.Session == session);
        if (known is not null && known.Cents >= cents) return this;
        var rank = new Rank(session, cents);
        Rank[] ranks = [.. Ranks.Where(other => other != known).Append(rank).OrderByDescending(r => r.Cents).ThenBy(r => r.Session, StringComparer.Ordinal).Take(RanksMax)];
        return ranks.Contains(rank) ? new Board(ranks) : this;
    }

    public bool Equals(Board? other) => other is not null && Ranks.SequenceEqual(other.Ranks);

    public override int GetHashCode() => Ranks.Count;

    /// <summary>The first three.</summary>
    public override string ToString() => Ranks.Count == 0
        ? "nobody has bought anything"
        : string.Join(", ", Ranks.Take(3).Select((rank, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {rank.Session} {rank.Cents / 100m:f2}")));
}

/// <summary>What a session has spent.</summary>
public sealed record Rank(string Session, long Cents);

[JsonSerializable(typeof(Place)), JsonSerializable(typeof(GetBoard)), JsonSerializable(typeof(Board)), JsonSerializable(typeof(LeaderboardEvent))]
public sealed partial class LeaderboardJson : JsonSerializerContext;

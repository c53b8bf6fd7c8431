using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace Sessions;

/// <summary>What a user does. A command that is answered with <see cref="Done"/> is durable.</summary>
/// <param name="Number">The number that the sender gave it, never used again; see <see cref="Fingerprint"/>.</param>
public abstract record Activity(long Number) : ICommand<Session, Done>;

/// <summary>The user looked at a page.</summary>
public sealed record PageView(long Number, string Path) : Activity(Number);

/// <summary>The user bought something.</summary>
public sealed record Purchase(long Number, string Sku, long Cents) : Activity(Number);

/// <summary>Asks what is known of the session.</summary>
public sealed record GetSummary : ICommand<Session, Summary>;

/// <summary>What the session's own reminder tells it: see whether the visit is over.</summary>
public sealed record Expire : ICommand<Session, Done>;

/// <summary>What happened. These names are in the journal for good; the names of the classes are free.</summary>
[JsonDerivedType(typeof(PageViewed), "page-viewed")]
[JsonDerivedType(typeof(Purchased), "purchased")]
[JsonDerivedType(typeof(Expired), "expired")]
public abstract record SessionEvent(DateTimeOffset At);

public sealed record PageViewed(DateTimeOffset At, long Number, string Path) : SessionEvent(At);

public sealed record Purchased(DateTimeOffset At, long Number, string Sku, long Cents) : SessionEvent(At);

public sealed record Expired(DateTimeOffset At) : SessionEvent(At);

/// <summary>Everything that is stored or sent is named here; the compiler then writes the code for it.</summary>
[JsonSerializable(typeof(PageView)), JsonSerializable(typeof(Purchase))]
[JsonSerializable(typeof(GetSummary)), JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(Expire)), JsonSerializable(typeof(SessionEvent))]
public sealed partial class SessionJson : JsonSerializerContext;

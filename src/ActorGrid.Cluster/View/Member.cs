using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>A node as the view knows it. Immutable.</summary>
public sealed partial record Member
{
    /// <summary>A number drawn anew each time that the node starts, or starts over after it was declared dead: who it is.</summary>
    public required Guid Incarnation { get; init; }

    /// <summary>What people call the node; the same after a restart. 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Where its peers reach it, in the form that the transport knows. At most one member has it.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Where its endpoint was listened at: no two processes that have this and the endpoint in common can both run. 1 to 256 characters; null, the default:
    /// nothing is known of that.</summary>
    /// <remarks>Two hosts may advertise one endpoint, such as one of the loopback address. That a node listens at the endpoint of another proves that the other has gone
    /// only if both have this in common.</remarks>
    public string? Host { get; init; }

    /// <summary>The roles that it plays, in ordinal order. Default: none; then it owns only shards of entity types without a role.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary>Its share of the shards beside that of others. Default 100; from 1 to 10,000.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>The version of the application that it runs, which orders the steps of a rolling upgrade. Default 0; from 0.</summary>
    public int Version { get; init; }

    /// <summary>Where it stands.</summary>
    public required MemberStatus Status { get; init; }

    /// <summary>The version of the view that it joined with: the smaller, the older.</summary>
    public long JoinedAt { get; init; }

    /// <summary>Whether this one and another cannot both run, since they would listen at the same place.</summary>
    internal bool Displaces(Member other) => Host is not null && Host == other.Host && Endpoint == other.Endpoint;

    /// <summary>Whether shards of the role may be given to it.</summary>
    internal bool CanOwn(string role) => Status == MemberStatus.Up && Plays(role);

    /// <summary>Whether it plays the role; everybody plays the empty one.</summary>
    internal bool Plays(string role) => role.Length == 0 || Roles.BinarySearch(role, StringComparer.Ordinal) >= 0;
}

/// <summary>Where a member stands. One that left or was declared dead is a member no more.</summary>
public enum MemberStatus
{
    /// <summary>It has asked to be one, and owns nothing yet: a majority of the members has to reach it first, both ways.</summary>
    Joining,

    /// <summary>It owns shards and has a vote.</summary>
    Up,

    /// <summary>It gives its shards away, and leaves when it has none.</summary>
    Leaving,
}

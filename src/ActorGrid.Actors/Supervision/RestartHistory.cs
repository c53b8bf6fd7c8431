using System.Collections.Immutable;

namespace ActorGrid.Actors;

/// <summary>When a child was restarted, oldest first. Immutable.</summary>
public sealed class RestartHistory
{
    private readonly ImmutableArray<DateTimeOffset> _restarts;

    private RestartHistory(ImmutableArray<DateTimeOffset> restarts) => _restarts = restarts;

    /// <summary>Never restarted.</summary>
    public static RestartHistory Empty { get; } = new([]);

    /// <summary>How many restarts it holds.</summary>
    public int Count => _restarts.Length;

    /// <summary>The part after <paramref name="start"/>.</summary>
    /// <param name="start">Restarts at this time or earlier are left out.</param>
    /// <returns>The later restarts.</returns>
    public RestartHistory Since(DateTimeOffset start) => new([.. _restarts.Where(at => at > start)]);

    /// <summary>One restart more.</summary>
    /// <param name="at">When it was.</param>
    /// <returns>The longer history.</returns>
    public RestartHistory Add(DateTimeOffset at) => new(_restarts.Add(at));
}

using System.Globalization;

namespace ActorGrid.Cluster;

/// <summary>What all nodes of a grid must mean alike by a lease: who waits one out relies on how long its holder trusts it.</summary>
/// <param name="Duration">How long its holder trusts it, from before it sent the renewal.</param>
/// <param name="Drift">How much longer others wait, for clocks that run at different speeds.</param>
public sealed record LeaseTerms(TimeSpan Duration, TimeSpan Drift)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Duration.TotalMilliseconds} ms and {Drift.TotalMilliseconds} ms of drift");

    internal string? Fault() => Duration > TimeSpan.Zero && Drift >= TimeSpan.Zero ? null : $"its leases last {this}";
}

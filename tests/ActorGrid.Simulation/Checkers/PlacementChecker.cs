using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Where shards may be: those of a role only on its nodes; and in a rolling upgrade they go from older versions to the newest, and not on from there.</summary>
/// <param name="view">The view at the beginning.</param>
/// <param name="mayWrite">Whether events of an entity type may come from a machine.</param>
internal sealed class PlacementChecker(ClusterView view, Func<string, SimulatedMachine, bool> mayWrite) : IStoreObserver
{
    private ClusterView _before = view;

    /// <summary>How many shards went from an older version to a newer one.</summary>
    public int Upgrades { get; private set; }

    public void OnAppend(SimulatedProcess writer, ShardAppend append, AppendOutcome outcome)
    {
        if (outcome.Status != AppendStatus.Committed) return;
        foreach (var e in append.Events)
        {
            if (!mayWrite(e.Entity.Type, writer.Machine)) Broken(append.Shard.Value, $"{e.Entity} has written on {writer.Machine.Name}, which does not play its role", e.Entity);
        }
    }

    public void OnFence(SimulatedProcess writer, FenceRaise raise, FenceOutcome outcome)
    {
    }

    public void OnView(SimulatedProcess writer, ClusterView view, IReadOnlyList<Revocation> revocations)
    {
        foreach (var space in view.Spaces)
        {
            var up = view.Members.Where(member => member.Status == MemberStatus.Up && Plays(member, space.Role)).ToList();
            if (up.Count == 0) continue;
            int newest = up.Max(member => member.Version);
            bool isUpgrade = up.Exists(member => member.Version < newest);
            for (int i = space.First; i < space.First + view.Grid.ShardCount; i++) Check(view, i, space.Role, newest, isUpgrade);
        }
        _before = view;
    }

    private static bool Plays(Member member, string role) => role.Length == 0 || member.Roles.Contains(role, StringComparer.Ordinal);

    private static void Broken(int shard, string what, EntityId? entity = null) => throw new PromiseBrokenException($"{what}.", shard, entity);

    private void Check(ClusterView view, int number, string role, int newest, bool isUpgrade)
    {
        var now = view.Shards[number];
        var before = number < _before.Shards.Length ? _before.Shards[number] : default;
        if (now == before) return;
        if (view.Find(now.Owner) is { } owner && !Plays(owner, role)) Broken(number, $"shard {number} of the role '{role}' belongs to {owner.Name}, which does not play it");
        // Who was chosen in this view: as the next owner, or as the first after nobody.
        var chosen = now.Next != before.Next && now.IsMoving ? now.Next : now.Owner != before.Owner && now.Owner != before.Next ? now.Owner : Guid.Empty;
        if (view.Find(chosen) is not { } target) return;
        if (!Plays(target, role)) Broken(number, $"shard {number} of the role '{role}' is to go to {target.Name}, which does not play it");
        if (!isUpgrade) return;
        if (target.Version != newest) Broken(number, $"shard {number} is to go to {target.Name} of version {target.Version}, and there is {newest}");
        if (!now.IsMoving || view.Find(now.Owner) is not { } from) return;
        if (from.Status == MemberStatus.Up && from.Version == newest) Broken(number, $"shard {number} is to move a second time in the upgrade, from {from.Name} to {target.Name}");
        if (from.Version < newest) Upgrades++;
    }
}

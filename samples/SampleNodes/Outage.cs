using System.Diagnostics;
using System.Globalization;
using ActorGrid;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace SampleNodes;

/// <summary>Kills a node and measures what callers notice of it: one entity of every shard is asked from that moment on.</summary>
/// <param name="grid">The grid, as seen from outside of all nodes.</param>
/// <param name="type">The entity type that is asked.</param>
/// <param name="ask">Asks the entity of a key.</param>
public sealed class Outage(IGrid grid, string type, Func<string, Task> ask)
{
    /// <summary>Kills the node.</summary>
    public async Task<OutageReport> BringAboutAsync(NodeProcess node)
    {
        var before = grid.View!;
        var member = NodeGroup.MemberOf(node, before) ?? throw new NodeException($"{node.Name} is no member: there is nothing to kill.");
        int shards = before.Shards.Count(shard => shard.Owner == member.Incarnation);
        string[] keys = Keys(before);

        long killed = Stopwatch.GetTimestamp();
        node.Kill();
        var noticed = NoticeAsync(member, killed);
        var answers = await Task.WhenAll(keys.Select(key => AskAsync(key, killed)));
        var seen = await noticed;
        return new OutageReport(node.Name, node.Id, shards, keys.Length, seen, answers.Max() ?? TimeSpan.Zero, answers.Count(answer => answer is null));
    }

    /// <summary>A key in every shard.</summary>
    private string[] Keys(ClusterView view)
    {
        string?[] keys = new string?[view.Grid.ShardCount];
        int missing = keys.Length;
        for (int i = 0; missing > 0; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{Prefix}probe-{i}");
            ref string? place = ref keys[ShardId.Of(new EntityId(type, key), keys.Length).Value];
            if (place is not null) continue;
            place = key;
            missing--;
        }
        return keys!;
    }

    /// <summary>What the keys of the type begin with.</summary>
    public string Prefix { get; init; } = "";

    private async Task<TimeSpan?> AskAsync(string key, long since)
    {
        try
        {
            await ask(key);
            return Stopwatch.GetElapsedTime(since);
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>When the grid has said that the member is none any more.</summary>
    private async Task<TimeSpan> NoticeAsync(Member member, long since)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (grid.View!.Find(member.Incarnation) is not null) await again.WaitForNextTickAsync();
        return Stopwatch.GetElapsedTime(since);
    }
}

/// <summary>What became of it that a node was killed.</summary>
/// <param name="Node">The node.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Shards">How many shards it owned.</param>
/// <param name="Asked">How many shards there are; an entity of each was asked when the node was killed.</param>
/// <param name="Noticed">When the grid had taken it from its members.</param>
/// <param name="Answered">When the last of the entities had answered.</param>
/// <param name="Failed">How many of them did not.</param>
public sealed record OutageReport(string Node, int ProcessId, int Shards, int Asked, TimeSpan Noticed, TimeSpan Answered, int Failed)
{
    /// <summary>The report as two lines.</summary>
    public IReadOnlyList<string> Lines =>
    [
        string.Create(CultureInfo.InvariantCulture, $"killed {Node} (kill -9 {ProcessId}), the owner of {Shards} of {Asked} shards"),
        string.Create(
            CultureInfo.InvariantCulture,
            $"noticed after {Noticed.TotalMilliseconds:f0} ms; all {Asked} shards have answered after {Answered.TotalMilliseconds:f0} ms; {Failed} of {Asked} asks failed"),
    ];
}

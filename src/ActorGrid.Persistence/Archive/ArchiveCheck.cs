using System.Globalization;
using System.Runtime.CompilerServices;

namespace ActorGrid.Persistence;

/// <summary>
/// What every store holds the rows of an archive to before it writes them, so that all refuse the same rows with the same words: a row is refused in the moment in which it comes. In memory are the shards, and
/// the last number of each entity of the shard whose events come.
/// </summary>
/// <remarks>Left to the store is what takes looking up: that a snapshot rests on an event which is there.</remarks>
internal sealed partial class ArchiveCheck(GridIdentity grid)
{
    private const long CommandTimeMax = 0xFFFF_FFFF_FFFF;

    /// <summary>What the view of a cluster can hold.</summary>
    private const int EntityTypesMax = 4096;

    private readonly List<string> _roles = [""];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [""] = 0 };

    /// <summary>The role of each entity type, by its number: as its row says, or else as its first event lies.</summary>
    private readonly Dictionary<string, int> _spaces = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ArchivedShard> _shards = [];
    private ArchiveRow? _last;

    /// <summary>The rows, each checked.</summary>
    public static async IAsyncEnumerable<ArchiveRow> Of(IAsyncEnumerable<ArchiveRow> rows, GridIdentity grid, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var check = new ArchiveCheck(grid);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            // Not every source looks at it.
            cancellationToken.ThrowIfCancellationRequested();
            check.Add(row);
            yield return row;
        }
        cancellationToken.ThrowIfCancellationRequested();
        check.End();
    }

    private void Add(ArchiveRow row)
    {
        if (_last is null && row is not ArchivedHorizon) throw Fault($"the first row says how far replies are forgotten, and this is another");
        if (_last is not null && ArchiveOrder.Instance.Compare(_last, row) >= 0) throw Fault($"this row is there already, or out of the order: it comes after one of the kind {_last.Kind}");
        if (row.Kind > ArchiveKind.Event && !(_last?.Kind > ArchiveKind.Event)) EndEvents();
        if (row.Kind > ArchiveKind.Snapshot && !(_last?.Kind > ArchiveKind.Snapshot)) EndSnapshots();
        _last = row;
        switch (row)
        {
            case ArchivedHorizon horizon:
                Require(horizon.RepliesForgottenBeforeUnixMs is >= 0 and <= CommandTimeMax, $"replies cannot be forgotten before {horizon.RepliesForgottenBeforeUnixMs}");
                break;
            case ArchivedRole role:
                Check(role);
                break;
            case ArchivedEntityType type:
                Require(EntityId.IsName(type.Type), $"'{type.Type}' cannot name an entity type");
                Require(_numbers.TryGetValue(type.Role, out int space), $"the role '{type.Role}' of the entity type '{type.Type}' has no shards");
                Add(type.Type, space);
                break;
            case ArchivedShard shard:
                Check(shard);
                break;
            case ArchivedEvent e:
                Check(e);
                break;
            case ArchivedSnapshot snapshot:
                Check(snapshot.Snapshot, snapshot.RemovedTo);
                break;
            case ArchivedReply reply:
                Check(reply.Reply);
                break;
            case ArchivedTimer timer:
                Check(timer);
                break;
            case ArchivedAttachment attachment:
                Check(attachment);
                break;
            case ArchivedCursor cursor:
                Check(cursor);
                break;
        }
    }

    private void End()
    {
        if (_last is null) throw Fault($"there are no rows, and one at the least says how far replies are forgotten");
        if (_last.Kind <= ArchiveKind.Event) EndEvents();
        if (_last.Kind <= ArchiveKind.Snapshot) EndSnapshots();
    }

    private void Check(ArchivedRole role)
    {
        Require(EntityId.IsName(role.Role), $"'{role.Role}' cannot name a role");
        Require(_numbers.TryAdd(role.Role, _roles.Count), $"the role '{role.Role}' is there twice");
        Require(role.FirstShard == (long)_roles.Count * grid.ShardCount, $"the first shard of the role '{role.Role}' is {role.FirstShard}, and {(long)_roles.Count * grid.ShardCount} would be next");
        _roles.Add(role.Role);
        Require((long)_roles.Count * grid.ShardCount <= GridIdentity.ShardCountMax, $"with the role '{role.Role}' there are more than {GridIdentity.ShardCountMax} shards");
    }

    private void Check(ArchivedShard row)
    {
        Require(row.Shard.Value >= 0 && row.Shard.Value < _roles.Count * grid.ShardCount, $"{row.Shard} is none of the {_roles.Count * grid.ShardCount} that the grid {grid} has with those of its roles");
        // A term or a generation at the end of its range could not be gone beyond.
        Require(row.Fence.Epoch.IsOfOwner && row.Fence.Epoch is { Term: < long.MaxValue / 2, Generation: < int.MaxValue / 2 }, $"{row.Shard} cannot have had an owner in the epoch {row.Fence.Epoch}");
        Require(row.LastOffset >= 0, $"{row.Shard} cannot have the last offset {row.LastOffset}");
        Require(row.RemovedTo >= 0 && (row.RemovedTo == 0 || row.RemovedTo < row.LastOffset), $"events of {row.Shard} up to the offset {row.RemovedTo} cannot have been removed, as the last one is {row.LastOffset}");
        Require(row.YoungestReplyIssuedAtUnixMs is >= 0 and <= CommandTimeMax, $"no reply of {row.Shard} can be to a command of {row.YoungestReplyIssuedAtUnixMs}");
        _shards.Add(row.Shard.Value, row);
    }

    private ArchivedShard FindShard(ShardId shard) => _shards.TryGetValue(shard.Value, out var row) ? row : throw Fault($"{shard} had no owner, by the rows before");

    /// <summary>Entities of a role lie in shards of their own, numbered on; the place among them is the same.</summary>
    private ArchivedShard FindShard(ShardId shard, EntityId entity)
    {
        Check(entity);
        var row = FindShard(shard);
        int place = ShardId.Of(entity, grid.ShardCount).Value;
        Require(shard.Value % grid.ShardCount == place, $"{entity} does not lie in {shard}, but in shard {place} of the grid {grid}, or of a role");
        int space = shard.Value / grid.ShardCount;
        if (!_spaces.TryGetValue(entity.Type, out int expected)) Add(entity.Type, expected = space);
        Require(space == expected, $"{entity} does not lie in {shard}: the shards of its type are those of {(expected == 0 ? "no role" : $"the role '{_roles[expected]}'")}");
        return row;
    }

    private void Add(string type, int space)
    {
        // Without roles all lie in the same shards, and nothing has to be remembered.
        if (_roles.Count == 1) return;
        Require(_spaces.Count < EntityTypesMax, $"with '{type}' there are more than {EntityTypesMax} entity types in a grid that has roles");
        _spaces.Add(type, space);
    }

    private static void Check(EntityId entity)
    {
        Require(EntityId.IsName(entity.Type), $"'{entity.Type}' cannot name an entity type");
        if (EntityId.FaultOfKey(entity.Key) is { } fault) throw Fault($"an entity of the type '{entity.Type}' cannot be: {fault}");
    }

    private static void CheckSize(string what, EntityId entity, int bytes, int bytesMax) =>
        Require(bytes <= bytesMax, $"the {what} of {entity} has {bytes:N0} bytes; at most {bytesMax:N0} are taken");

    private static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ArchiveFault fault)
    {
        if (!holds) throw new InvalidDataException(fault.ToString() + ".");
    }

    private static InvalidDataException Fault(FormattableString what) => new(what.ToString(CultureInfo.InvariantCulture) + ".");
}

using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>An append in words, made when they are read; the payloads belong to the caller, so what is shown of them is taken at once.</summary>
internal sealed class AppendText(ShardAppend append, AppendOutcome outcome)
{
    private readonly (EntityId Entity, string Words)[] _parts =
    [
        .. append.Events.Select(static e => (e.Entity, $"#{e.Sequence} {e.Manifest} {PayloadText.Of(e.Payload)}")),
        .. append.Replies.Select(static r => (r.Entity, $"{r.Kind} for id {PayloadText.Of(r.Command)}")),
    ];

    private readonly Fence _fence = append.Fence;
    private readonly long _offset = append.ExpectedOffset;

    /// <summary>Whether anything in it is of that entity.</summary>
    public bool Concerns(EntityId entity) => Array.Exists(_parts, part => part.Entity == entity);

    /// <summary>The words, with what is of that entity, or of all.</summary>
    public string About(EntityId? entity)
    {
        string of = entity is { } id ? $"{id} " : "";
        string parts = string.Join("; ", _parts.Where(part => entity is null || part.Entity == entity).Select(part => entity is null ? $"{part.Entity} {part.Words}" : part.Words));
        int others = entity is null ? 0 : _parts.Select(static part => part.Entity).Distinct().Count(other => other != entity);
        string beside = others == 0 ? "" : $"; and of {others} other entities";
        string how = outcome.Status == AppendStatus.Committed ? "" : $"{outcome.Status.ToString().ToUpperInvariant()}{(outcome.Current is { } fence ? $" (fence is {fence.Epoch})" : "")}, not written: ";
        return $"append: {how}{of}{parts}{beside} (fence {_fence.Epoch}, after offset {_offset})";
    }

    public override string ToString() => About(entity: null);
}

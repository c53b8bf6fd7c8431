using ActorGrid.Persistence;

namespace Sessions.Tests;

/// <summary>Sessions in memory, which keep the promises of a grid until a test makes them break one.</summary>
internal sealed class MemoryGrid
{
    private readonly Session _entity = new();
    private readonly Lock _lock = new();
    private readonly HashSet<CommandId> _known = [];

    public Dictionary<string, Summary> States { get; } = [];

    /// <summary>The ids that are too old to be known any more.</summary>
    public HashSet<CommandId> Forgotten { get; } = [];

    /// <summary>Sends the activity that it is given in place of the one sent; null: acknowledges without writing.</summary>
    public Func<Activity, Activity?> Write { get; set; } = a => a;

    public int Sent { get; private set; }

    public Task SendAsync(Planned planned)
    {
        lock (_lock)
        {
            Sent++;
            if (Forgotten.Contains(planned.Id)) throw new OutcomeUnknownException(EntityId.Create("session", planned.Session), planned.Id);
            if (_known.Add(planned.Id) && Write(planned.Activity) is { } activity) Apply(planned.Session, activity);
            return Task.CompletedTask;
        }
    }

    public Task<Summary> QueryAsync(string session)
    {
        lock (_lock) return Task.FromResult(States.GetValueOrDefault(session, Summary.Empty));
    }

    /// <summary>Writes behind the back of the client.</summary>
    public void Apply(string session, Activity activity)
    {
        lock (_lock) States[session] = _entity.Decide(States.GetValueOrDefault(session, Summary.Empty), activity).State;
    }
}

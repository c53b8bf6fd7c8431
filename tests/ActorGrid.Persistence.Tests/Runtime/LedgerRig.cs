using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A rig with ledgers.</summary>
internal static class LedgerRig
{
    public static readonly EntityId A = EntityId.Create("ledger", "a");

    public static Rig New(EntityOptions? entities = null, EntityHostOptions? host = null) =>
        new([EntityType.Create<Ledger>("ledger", LedgerJson.Default, entities)], host);

    public static Task<int> Add(this Rig rig, int number, AskOptions? options = null) => rig.Ask("ledger", "a", new Add(number), options);

    public static int[] Numbers(this Rig rig, string key = "a") => [.. rig.Do("ledger", key, new GetNumbers())];

    /// <summary>Lets the next appends meet these faults, and all others none.</summary>
    public static void Script(this Rig rig, params AppendFault[] faults)
    {
        var script = new Queue<AppendFault>(faults);
        rig.Store.OnAppend = _ => script.TryDequeue(out var fault) ? fault : AppendFault.None;
    }
}

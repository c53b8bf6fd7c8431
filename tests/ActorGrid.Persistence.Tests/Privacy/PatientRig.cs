using ActorGrid.Conformance;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A rig with patients, who are encrypted, and ledgers, who are not.</summary>
internal sealed class PatientRig
{
    public static readonly EntityId A = EntityId.Create("patient", "a");

    public PatientRig(EntityOptions? options = null, EntityHostOptions? host = null)
    {
        Type = TypeOf((options ?? new EntityOptions()) with { Keys = Keys });
        Rig = new Rig([Type, EntityType.Create<Ledger>("ledger", LedgerJson.Default)], host);
    }

    public InMemoryKeyStore Keys { get; } = new();

    public EntityType Type { get; }

    public Rig Rig { get; }

    public static EntityType TypeOf(EntityOptions? options) => EntityType.Create<Patient>("patient", PatientJson.Default, options);

    public TReply Do<TReply>(ICommand<Patient, TReply> command, AskOptions? options = null)
        where TReply : notnull => Rig.Do("patient", "a", command, options);

    public Task<TReply> Ask<TReply>(ICommand<Patient, TReply> command, AskOptions? options = null)
        where TReply : notnull => Rig.Ask("patient", "a", command, options);

    public string Notes() => Do(new GetNotes());

    public void AssertForgotten() => Rig.Failure<EntityForgottenException>(Ask(new GetNotes()));

    public AskOptions Id(ulong number) => new()
    {
        CommandId = new CommandId(((ulong)Rig.Clock.GetUtcNow().ToUnixTimeMilliseconds() << 16) | 0x7000, 0x8000_0000_0000_0000 | number),
    };

    /// <summary>Another process, whose code says something else of the type.</summary>
    public void RestartWith(EntityType type) => Rig.RestartWith([type]);
}

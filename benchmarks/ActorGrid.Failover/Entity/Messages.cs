using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Failover;

/// <summary>Adds a number, which the client uses once for this entity: so it can be told afterwards whether it was lost or doubled.</summary>
public sealed record Add(int Number) : ICommand<Counter, Reading>;

/// <summary>Reads without writing: it rests on the owner's lease alone.</summary>
public sealed record Read : ICommand<Counter, Reading>;

/// <summary>Asks for all that was ever added.</summary>
public sealed record GetLedger : ICommand<Counter, Ledger>;

/// <summary>What an entity answers.</summary>
/// <param name="Version">How many additions there are, this one included: the sequence number of the last event that the answer rests on.</param>
/// <param name="Owner">The process that decided it.</param>
public readonly record struct Reading(long Version, int Owner);

[JsonDerivedType(typeof(Added), "added")]
public abstract record CounterEvent;

public sealed record Added(int Number) : CounterEvent;

/// <summary>The state of a counter.</summary>
/// <param name="Version">How many additions there are.</param>
/// <param name="Doubled">How many of them added a number that was there already.</param>
/// <param name="Numbers">The numbers that were added.</param>
public sealed record Ledger(long Version, int Doubled, ImmutableArray<NumberRange> Numbers);

/// <summary>Numbers that follow each other.</summary>
public readonly record struct NumberRange(int First, int Last);

[JsonSerializable(typeof(Add)), JsonSerializable(typeof(Read)), JsonSerializable(typeof(GetLedger))]
[JsonSerializable(typeof(Reading)), JsonSerializable(typeof(CounterEvent)), JsonSerializable(typeof(Ledger)), JsonSerializable(typeof(Ledger[]))]
public sealed partial class CounterJson : JsonSerializerContext;

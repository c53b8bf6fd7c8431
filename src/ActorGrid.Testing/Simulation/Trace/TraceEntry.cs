namespace ActorGrid.Testing;

/// <summary>Something that happened, cheap to keep; see <see cref="TraceKind"/> for what the numbers mean.</summary>
/// <param name="Ticks">When, in the time of the world.</param>
/// <param name="Kind">What.</param>
/// <param name="Machine">Where: the number of the machine; -1: in the world.</param>
/// <param name="Shard">Which shard it concerns; -1: none, or any.</param>
/// <param name="A">The first number.</param>
/// <param name="B">The second number.</param>
/// <param name="Subject">What it is about: an immutable object, made into text only if somebody reads it.</param>
internal readonly record struct TraceEntry(long Ticks, TraceKind Kind, int Machine, int Shard, long A, long B, object? Subject);

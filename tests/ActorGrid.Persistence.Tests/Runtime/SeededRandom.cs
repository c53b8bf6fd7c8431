namespace ActorGrid.Persistence.Tests;

/// <summary>Chance that is the same each time.</summary>
internal sealed class SeededRandom(int seed) : Random(seed);

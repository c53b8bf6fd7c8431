namespace Sessions;

/// <summary>What load to make.</summary>
/// <param name="Sessions">How many sessions there are.</param>
/// <param name="Rate">Events a second; 0: as many as the grid takes.</param>
/// <param name="Duration">For how long.</param>
/// <param name="Outstanding">How many events may be under way at once.</param>
/// <param name="Skew">Zipf's exponent for the popularity of sessions and pages; 0: all alike.</param>
/// <param name="Seed">Decides which events are made.</param>
internal sealed record LoadOptions(int Sessions, double Rate, TimeSpan Duration, int Outstanding, double Skew, int Seed);

using Xunit.Abstractions;

namespace ActorGrid.Mutants;

/// <summary>The checkers of the simulation bite: each bug that is planted is found within its number of seeds, and without a bug the same seeds pass.</summary>
public sealed class MutantTests(MutatedBuild build, ITestOutputHelper output) : IClassFixture<MutatedBuild>
{
    /// <summary>The exit code of the simulation for a violation; any other failure proves nothing.</summary>
    private const int Violation = 1;

    private const int SeedsWithoutBug = 300;

    public static TheoryData<Mutant> Mutants => [.. Catalog.All];

    [Fact]
    public void Without_a_bug_no_violation_is_found()
    {
        var (code, text) = build.Simulate(mutant: null, SeedsWithoutBug);
        Assert.True(code == 0, text);
    }

    [Theory]
    [MemberData(nameof(Mutants), DisableDiscoveryEnumeration = true)]
    public void A_planted_bug_is_found(Mutant mutant)
    {
        var (code, text) = build.Simulate(mutant, mutant.SeedsMax);
        output.WriteLine(text);
        Assert.True(code == Violation, $"'{mutant.Name}' ({mutant.Promise}) was not found within {mutant.SeedsMax} seeds: the simulation ended with {code}.");
    }
}

using Xunit.Abstractions;

namespace ActorGrid.Mutants;

/// <summary>The checkers of the simulation bite, and so do the tests: each bug that is planted is found, and without a bug the same seeds and tests pass.</summary>
public sealed class MutantTests(MutatedBuild build, ITestOutputHelper output) : IClassFixture<MutatedBuild>
{
    /// <summary>The exit code of the simulation for a violation, and of a test run for a failed test; any other failure proves nothing.</summary>
    private const int Violation = 1;

    private const int SeedsWithoutBug = 300;

    public static TheoryData<Mutant> Mutants => [.. Catalog.All];

    [Fact]
    public void Without_a_bug_no_violation_is_found()
    {
        var (code, text) = build.Simulate(mutant: null, SeedsWithoutBug);
        Assert.True(code == 0, text);
    }

    [Fact]
    public void Without_a_bug_the_tests_pass()
    {
        foreach (var project in Catalog.All.Select(mutant => mutant.Finder).OfType<Tests>().GroupBy(tests => tests.Project, tests => tests.Class, StringComparer.Ordinal))
        {
            var (code, text) = build.Test(mutant: null, project.Key, [.. project.Distinct(StringComparer.Ordinal)]);
            Assert.True(code == 0, text);
        }
    }

    [Theory]
    [MemberData(nameof(Mutants), DisableDiscoveryEnumeration = true)]
    public void A_planted_bug_is_found(Mutant mutant)
    {
        var (code, text) = mutant.Finder switch
        {
            Seeds seeds => build.Simulate(mutant, seeds.Max),
            Tests tests => build.Test(mutant, tests.Project, [tests.Class]),
            _ => throw new InvalidOperationException($"Nothing finds '{mutant.Name}'."),
        };
        output.WriteLine(text);
        Assert.True(code == Violation, $"'{mutant.Name}' ({mutant.Promise}) was not found by {mutant.Finder}, which ended with {code}.");
    }
}

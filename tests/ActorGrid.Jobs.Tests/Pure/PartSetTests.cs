using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Pure;

public class PartSetTests
{
    [Fact]
    public void It_holds_what_was_added_also_after_storing() => Prop.ForAll(
        Gen.Choose(0, JobLimits.PartsMax - 1).ListOf().ToArbitrary(),
        parts =>
        {
            var set = parts.Aggregate(PartSet.Empty, (set, part) => set.Add(part));
            var state = JobState.None with { Done = set };
            var stored =
                JsonSerializer.Deserialize(JsonSerializer.Serialize(state, JobJson.Default.JobState), JobJson.Default.JobState)!.Done;
            var expected = parts.ToHashSet();
            return set.Count == expected.Count && stored.Count == expected.Count
                && expected.All(
                    part => set.Contains(part) && stored.Contains(part) && set.Contains(part + 1) == expected.Contains(part + 1));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Adding_leaves_the_set_as_it_was()
    {
        var before = PartSet.Empty.Add(7);
        var after = before.Add(8).Add(5000);
        Assert.False(before.Contains(8) || before.Contains(5000));
        Assert.True(after.Contains(7) && after.Contains(8) && after.Contains(5000));
        Assert.Same(after, after.Add(8));
    }
}

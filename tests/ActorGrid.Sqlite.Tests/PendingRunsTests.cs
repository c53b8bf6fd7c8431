namespace ActorGrid.Sqlite.Tests;

/// <summary>What readers copy of the runs in memory while the writer changes them.</summary>
public sealed class PendingRunsTests
{
    [Fact]
    public async Task A_commit_is_seen_whole_or_not_at_all()
    {
        const int Group = 1000, Commits = 500, Alice = 7, Bob = 8;
        var runs = new PendingRuns();
        var writer = Task.Run(() =>
        {
            for (int commit = 0; commit < Commits; commit++)
            {
                long last = commit * (long)Group;
                // Alternating, so that an entity's runs are many; every tenth commit moves what is there to the tables.
                var added = Enumerable.Range(0, Group).Select(i =>
                    new LogEntry(i % 2 == 0 ? Alice : Bob, (last / 2) + (i / 2) + 1, 1, last + i + 1, last + i + 1)).ToList();
                runs.Publish(indexedUpTo: commit % 10 == 9 ? last : 0, added);
            }
        });
        long seen = 0;
        do
        {
            // Never back to nothing: the runs that move to the tables and those that follow them change places at once.
            long last = Last(runs.Shards.Copy(1, 0));
            Assert.InRange(last, seen, Commits * Group);
            seen = last;
            Assert.Equal(0, Last(runs.Entities.Copy(Alice, 0)) % (Group / 2));
            Assert.Equal(0, Last(runs.Shards.Copy(1, 0)) % Group);
        }
        while (!writer.IsCompleted);
        await writer;
        Assert.Equal(Commits * Group, runs.Shards.LastOf(1));

        static long Last(Run[] copy) => copy.Length == 0 ? 0 : copy[^1].Last;
    }
}

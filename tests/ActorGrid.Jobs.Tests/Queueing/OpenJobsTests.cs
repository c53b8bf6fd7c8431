using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Jobs.Tests.Queueing;

public class OpenJobsTests
{
    private readonly ManualSystem _manual = new();
    private readonly OpenJobs _open;

    public OpenJobsTests() => _open = new OpenJobs(new JobRunnerOptions { JobsOpenMax = 3, JobsOpenPerSubmitterMax = 2 }, _manual.Actors);

    [Fact]
    public void One_more_than_a_submitter_may_have_is_refused_and_one_more_than_all_may_have()
    {
        Assert.Null(_open.TryEnter(Job(1), "a"));
        Assert.Null(_open.TryEnter(Job(2), "a"));
        var full = _open.TryEnter(Job(3), "a");
        Assert.Equal(("job/sum/3", nameof(JobRunnerOptions.JobsOpenPerSubmitterMax), 2), (full?.Target, full?.Option, full?.Limit));
        Assert.InRange(full!.RetryAfter, TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500));
        Assert.Null(_open.TryEnter(Job(4), "b"));
        full = _open.TryEnter(Job(5), "c");
        Assert.Equal((nameof(JobRunnerOptions.JobsOpenMax), 3), (full?.Option, full?.Limit));
        // It was counted before: a shard decides again what its store has refused.
        Assert.Null(_open.TryEnter(Job(1), "a"));
        Assert.Equal(3, _open.Count);

        _open.Leave(Job(2));
        _open.Leave(Job(2));
        Assert.Null(_open.TryEnter(Job(3), "a"));
        Assert.Equal(3, _open.Count);
    }

    [Fact]
    public void What_never_becomes_durable_keeps_its_place_for_a_minute_only()
    {
        Assert.Null(_open.TryEnter(Job(1), "a"));
        Assert.Null(_open.TryEnter(Job(2), "a"));
        _open.Confirm(Job(2), "a");
        _manual.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(_open.TryEnter(Job(3), "a"));
        _manual.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(_open.TryEnter(Job(3), "a"));
        Assert.NotNull(_open.TryEnter(Job(4), "a"));
    }

    [Fact]
    public void Jobs_that_come_with_their_shard_are_counted_and_not_refused()
    {
        for (int i = 0; i < 5; i++) _open.Confirm(Job(i), "a");
        Assert.Equal(5, _open.Count);
        Assert.NotNull(_open.TryEnter(Job(9), "b"));
        for (int i = 0; i < 3; i++) _open.Leave(Job(i));
        Assert.Null(_open.TryEnter(Job(9), "b"));
    }

    private static EntityId Job(int number) => JobAddress.Of("sum", $"{number}");
}

using System.Text.Json;
using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Pure;

public class JobEntityTests
{
    private static readonly CommandContext At = new(JobAddress.Of("sum", "j"), DateTimeOffset.UnixEpoch.AddDays(1), default);
    private static readonly JobPolicy Policy = JobPolicy.Of(new JobOptions { AttemptsMax = 2, LossesMax = 3 });
    private readonly JobEntity _entity = new();

    [Fact]
    public void The_same_job_may_be_submitted_again_another_one_not()
    {
        var state = After(Submit);
        var again = _entity.Decide(state, Submit, At);
        Assert.Null(again.Rejection);
        Assert.Empty(again.Events);
        Assert.Contains(
            "another job under the id 'j'", _entity.Decide(state, Submit with { Hash = "other" }, At).Rejection, StringComparison.Ordinal);
        Assert.Equal("sum", again.Reply!.Job!.Type);
    }

    [Fact]
    public void An_unfinished_job_stays_active_and_an_ended_one_rests()
    {
        Assert.True(_entity.Decide(_entity.Initial, Submit, At).StaysActive);
        Assert.False(_entity.Decide(After(Submit, Split(0)), new CompleteJob("r"u8.ToArray()), At).StaysActive);
        Assert.False(_entity.Decide(After(Submit), new CancelJob(), At).StaysActive);
    }

    [Fact]
    public void The_end_removes_what_is_needed_no_more()
    {
        var end = _entity.Decide(After(Submit, Split(2), Done(0), Done(1)), new CompleteJob("r"u8.ToArray()), At);
        Assert.Equal(["partial/0", "partial/1", "job", "parts"], end.Attachments.Where(a => a.Payload is null).Select(a => a.Name));
        Assert.Equal(["result"], end.Attachments.Where(a => a.Payload is not null).Select(a => a.Name));
        Assert.True(end.State.IsTidy);
    }

    [Fact]
    public void A_large_job_is_tidied_up_in_several_commits()
    {
        var state = After([Submit, Split(2500), .. Enumerable.Range(0, 2500).Select(Done)]);
        var end = _entity.Decide(state, new CompleteJob("r"u8.ToArray()), At);
        Assert.Equal(JobEntity.TidyPartsMax, end.Attachments.Count(a => a.Payload is null));
        Assert.Null(end.StaysActive);
        var second = _entity.Decide(end.State, new TidyJob(), At);
        var third = _entity.Decide(second.State, new TidyJob(), At);
        Assert.Equal(500 + 2, third.Attachments.Count);
        Assert.False(third.StaysActive);
        Assert.Empty(_entity.Decide(third.State, new TidyJob(), At).Events);
    }

    [Fact]
    public void The_last_attempt_ends_the_job_with_its_cause()
    {
        var state = After(Submit, Split(3), Fail(1));
        Assert.True(state.IsUnfinished);
        var failure = After(Submit, Split(3), Fail(1), Fail(1, 2)).Failure!;
        Assert.Equal(new JobFailure("part 1", 1, 2, "n", "because"), failure);
        Assert.Equal(1, After(Submit, Fail(JobStep.Split) with { IsPermanent = true }).Failure!.Attempt);
        Assert.Equal("the split", After(Submit, Fail(JobStep.Split), Fail(JobStep.Split, 2)).Failure!.Step);
    }

    [Fact]
    public void Attempts_of_different_parts_are_counted_apart() =>
        Assert.True(After(Submit, Split(3), Fail(0), Fail(1), Fail(2)).IsUnfinished);

    [Fact]
    public void A_part_that_goes_down_with_its_process_again_and_again_is_taken_for_the_culprit()
    {
        object[] starts = [Submit, Split(2), Start(1, 1), Start(1, 2), Start(1, 3)];
        var state = After(starts);
        Assert.True(state.IsUnfinished);
        var verdict = _entity.Decide(state, Start(1, 4), At);
        Assert.False(verdict.Reply!.Taken);
        Assert.Contains("went down 3 times", verdict.State.Failure!.Cause, StringComparison.Ordinal);
        Assert.True(After([.. starts, Fail(1), Start(1, 4)]).IsUnfinished, "a run that failed is no loss");
    }

    [Fact]
    public void A_run_that_was_returned_is_no_loss_and_is_returned_once()
    {
        var state = After(Submit, Split(2), Start(1, 1), Return(1, 1), Start(1, 2), Start(1, 3), Return(1, 3));
        Assert.Equal((3, 1), (state.Track(1).Starts, state.Track(1).Losses));
        foreach (var nothing in new[] { Return(1, 3), Return(1, 2), Return(1, 4), Return(0, 1) })
        {
            Assert.Empty(_entity.Decide(state, nothing, At).Events);
        }
        Assert.Equal(0, After(Submit, Split(2), Start(1, 1), Fail(1), Return(1, 1)).Track(1).Losses);
    }

    [Fact]
    public void What_is_reported_again_under_a_new_id_counts_once()
    {
        var state = After(Submit, Split(3), Start(1, 1), Fail(1));
        foreach (var command in (ICommand<JobEntity, Verdict>[])[Start(1, 1), Fail(1)])
        {
            var again = _entity.Decide(state, command, At);
            Assert.Empty(again.Events);
            Assert.True(again.Reply!.Taken, "its sender goes on as after the first time");
        }
        Assert.Equal(new StepTrack(1, 1), state.Track(1));
    }

    [Fact]
    public void Retention_reminds_and_removes_the_result()
    {
        var submit = Submit with { Policy = Policy with { Retention = TimeSpan.FromHours(1) } };
        var end = _entity.Decide(After(submit, Split(0)), new CompleteJob("r"u8.ToArray()), At);
        Assert.Equal(At.Now.AddHours(1), Assert.Single(end.Reminders).Due);
        var expired = _entity.Decide(end.State, new ExpireJob(), At);
        Assert.Equal([("result", null)], expired.Attachments);
        Assert.True(_entity.Decide(expired.State, new GetJob(), At).Reply!.Job!.IsExpired);
    }

    [Fact]
    public void Replies_reach_other_nodes_as_they_are()
    {
        object[][] histories = [[], [Submit], [Submit, Split(2), Done(0)], [Submit, new CancelJob()], [Submit, Fail(JobStep.Split) with { IsPermanent = true }]];
        foreach (object[] history in histories)
        {
            var reply = _entity.Decide(After(history), new GetJob(), At).Reply!;
            Assert.Equal(reply, JsonSerializer.Deserialize(JsonSerializer.Serialize(reply, JobJson.Default.JobReply), JobJson.Default.JobReply));
        }
    }

    [Fact]
    public void Of_no_job_nothing_is_known()
    {
        Assert.Null(_entity.Decide(_entity.Initial, new GetJob(), At).Reply!.Job);
        Assert.NotNull(_entity.Decide(_entity.Initial, new CancelJob(), At).Rejection);
        foreach (var command in Commands.Where(command => command is ICommand<JobEntity, Verdict>).Cast<ICommand<JobEntity, Verdict>>())
        {
            var decision = _entity.Decide(_entity.Initial, command, At);
            Assert.False(decision.Reply!.Taken);
            Assert.Empty(decision.Events);
        }
    }

    /// <summary>
    /// Whatever comes in whatever order, repeated or late: each part counts once, the first end is the only one, nothing but tidying comes
    /// after it, each part done has its partial result until the end, and a replay of what is stored gives the same state.
    /// </summary>
    [Fact]
    public void The_first_outcome_wins_and_every_part_counts_once() => Prop.ForAll(
        Gen.Elements(Commands).ListOf().Select(
            commands => new object[] { Submit, Split(4) }.Take(commands.Count % 3).Concat(commands).ToList()).ToArbitrary(),
        commands =>
        {
            var state = _entity.Initial;
            var events = new List<JobEvent>();
            var attachments = new HashSet<string>(StringComparer.Ordinal);
            foreach (object command in commands)
            {
                bool hadEnded = state.Status is not null && !state.IsUnfinished;
                var decided = Decide(state, command);
                if (hadEnded) Assert.All(decided.Events, e => Assert.True(e is JobTidied or JobExpired));
                foreach (var (name, payload) in decided.Attachments)
                {
                    if (payload is null) attachments.Remove(name);
                    else Assert.True(attachments.Add(name), $"{name} was written twice");
                }
                events.AddRange(decided.Events);
                state = decided.State;
                if (state.IsUnfinished) Assert.Equal(
                    state.Done.Count, attachments.Count(name => name.StartsWith("partial/", StringComparison.Ordinal)));
                Assert.Equal(state.Status == JobStatus.Completed && !state.IsExpired, attachments.Contains("result"));
            }
            Assert.Equal(events.OfType<PartDone>().Count(), events.OfType<PartDone>().DistinctBy(e => e.Part).Count());
            Assert.InRange(events.Count(e => e is JobCompleted or JobFailed or JobCancelled), 0, 1);
            Assert.True(events.Count == 0 || events[0] is JobSubmitted);

            var stored =
                events.Select(
                    e => JsonSerializer.Deserialize(JsonSerializer.Serialize(e, JobJson.Default.JobEvent), JobJson.Default.JobEvent)!);
            Assert.Equal(Json(state), Json(_entity.Replay(stored)));
            Assert.Equal(Json(state), Json(JsonSerializer.Deserialize(Json(state), JobJson.Default.JobState)!));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static SubmitJob Submit => new("hash", Policy, "job"u8.ToArray());

    private static object[] Commands =>
    [
        Submit, Submit with { Hash = "other" }, new CancelJob(), Split(4), new CompleteJob("r"u8.ToArray()), new TidyJob(), new ExpireJob(),
            new GetJob(),
        Done(0), Done(1), Done(2), Done(3), Done(4), Done(0), Done(1), Done(2), Done(3), Fail(0), Fail(0, 2), Fail(3), Fail(JobStep.Split),
            Fail(JobStep.Combine) with { IsPermanent = true },
        Start(0, 1), Start(0, 2), Start(3, 1), Start(JobStep.Split, 1),
        Return(0, 1), Return(0, 2), Return(3, 1), Return(JobStep.Split, 1),
    ];

    private static FinishSplit Split(int parts) => new(parts, parts, "parts"u8.ToArray());

    private static FinishPart Done(int part) => new(part, 1, "partial"u8.ToArray());

    private static StartStep Start(int step, int number) => new(step, "n", number);

    private static ReturnStep Return(int step, int number) => new(step, number);

    private static FailStep Fail(int step, int attempt = 1) => new(step, "n", "because", IsPermanent: false, attempt);

    private static string Json(JobState state) => JsonSerializer.Serialize(state, JobJson.Default.JobState);

    private JobState After(params object[] commands) =>
        commands.Aggregate(_entity.Initial, (state, command) => Decide(state, command).State);

    private (
        IReadOnlyList<JobEvent> Events, JobState State,
            IReadOnlyList<(string Name, ReadOnlyMemory<byte>? Payload)> Attachments) Decide(JobState state, object command)
    {
        if (command is ICommand<JobEntity, Verdict> report)
        {
            var decision = _entity.Decide(state, report, At);
            return (decision.Events, decision.State, decision.Attachments);
        }
        var asked = _entity.Decide(state, (ICommand<JobEntity, JobReply>)command, At);
        return (asked.Events, asked.State, asked.Attachments);
    }
}

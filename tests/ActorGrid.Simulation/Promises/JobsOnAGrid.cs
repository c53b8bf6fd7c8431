using System.Text.Json.Serialization;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Jobs run across nodes, and survive the loss of any, or all.</summary>
public sealed partial class JobsOnAGrid
{
    [Theory]
    [InlineData("nothing happens")]
    [InlineData("the owner dies")]
    [InlineData("another dies")]
    [InlineData("all die")]
    [InlineData("the owner leaves")]
    [InlineData("the owner sleeps")]
    [InlineData("the owner is cut off")]
    public void A_job_ends_with_its_result(string how) => Stage.Play(
        new SimulatedGridOptions { ShardCount = 4, Configure = grid => grid.AddJob<SlowSum>("slow-sum", SlowSumJson.Default), TimeLimit = TimeSpan.FromMinutes(20) },
        async grid =>
        {
            World.Time = grid.Time;
            var job = await grid.SubmitAsync(new SlowSum(40), "sum-1");
            var again = await grid.SubmitAsync(new SlowSum(40), "sum-1");
            await grid.DelayAsync(TimeSpan.FromMilliseconds(100 + grid.Random.Next(400)));
            var owner = OwnerOf(grid);
            IDisposable? cut = null;
            if (how == "the owner dies") owner.Kill();
            if (how == "another dies") grid.Others(owner)[0].Kill();
            if (how == "all die") foreach (var node in grid.Nodes) node.Kill();
            if (how == "the owner leaves") await owner.StopAsync();
            if (how == "the owner sleeps") owner.Pause(TimeSpan.FromSeconds(6));
            if (how == "the owner is cut off") cut = grid.Cut([owner], grid.Others(owner));
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
            if (how == "all die") foreach (var node in grid.Nodes) node.BeginStart();
            Assert.Equal(Enumerable.Range(1, 40).Sum(), await job.ResultAsync());
            cut?.Dispose();
            Assert.Equal(job.Id, again.Id);
            Assert.Equal(Enumerable.Range(1, 40).Sum(), await again.ResultAsync());
        },
        seeds: 5);

    [Fact]
    public void A_cancelled_job_stays_cancelled_when_its_owner_dies() => Stage.Play(
        new SimulatedGridOptions { ShardCount = 4, Configure = grid => grid.AddJob<SlowSum>("slow-sum", SlowSumJson.Default) },
        async grid =>
        {
            World.Time = grid.Time;
            var job = await grid.SubmitAsync(new SlowSum(40), "sum-1");
            await grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            await job.CancelAsync();
            OwnerOf(grid).Kill();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.ResultAsync());
        });

    private static SimulatedNode OwnerOf(SimulatedGrid grid) =>
        grid.NodeOf(grid.Journal.View[grid.Journal.View.ShardOf(EntityId.Create("job", "slow-sum/sum-1"))].Owner);

    /// <summary>The world of the running test, which runs on one thread.</summary>
    private static class World
    {
        [field: ThreadStatic]
        public static TimeProvider? Time { get; set; }
    }

    /// <summary>Adds numbers up, a part and 50 ms for each.</summary>
    public sealed record SlowSum(int Last) : Job<int, int, int>
    {
        public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) => new([.. Enumerable.Range(1, Last)]);

        public override async ValueTask<int> RunAsync(int part, JobContext context)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), World.Time!, context.CancellationToken);
            return part;
        }

        public override int Combine(int left, int right) => left + right;

        public override int Result(int total) => total;
    }

    [JsonSerializable(typeof(SlowSum))]
    [JsonSerializable(typeof(int))]
    public sealed partial class SlowSumJson : JsonSerializerContext;
}

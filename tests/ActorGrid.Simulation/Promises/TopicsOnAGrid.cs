using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"A message that is published to a topic reaches each subscriber at most once."</summary>
public sealed class TopicsOnAGrid
{
    [Fact]
    public void A_message_reaches_each_subscriber_at_most_once_and_in_quiet_times_each_of_them() => Stage.Play(
        Stage.Ledgers() with { Configure = grid => grid.AddEntity<Ledger>("ledger", LedgerJson.Default).AddTopicMessage<Add>("add", LedgerJson.Default) },
        async grid =>
        {
            var inboxes = new Dictionary<SimulatedNode, List<int>>();
            foreach (var node in grid.Nodes.Concat(grid.Clients)) await SubscribeAsync(grid, node, inboxes);
            await grid.DelayAsync(TimeSpan.FromSeconds(1));
            int last = 0;
            await PublishAsync(TimeSpan.FromSeconds(1));
            // Nothing has gone wrong so far, and nothing was missed.
            await grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            Assert.All(inboxes.Values, inbox => Assert.Equal(Enumerable.Range(1, last), inbox.Order()));
            // From now on it does.
            var storm = PublishAsync(TimeSpan.FromSeconds(8));
            for (int i = 0; i < 6; i++)
            {
                var (one, other) = (grid.Nodes[0], grid.Nodes[1 + grid.Random.Next(2)]);
                grid.World.Network.Reset(one.Machine, other.Machine);
                grid.Nodes[2].Pause(TimeSpan.FromMilliseconds(500));
                await grid.DelayAsync(TimeSpan.FromSeconds(1));
            }
            grid.Nodes[1].Kill();
            await grid.Nodes[1].StartAsync();
            inboxes.Remove(grid.Nodes[1]);
            await SubscribeAsync(grid, grid.Nodes[1], inboxes);
            await storm;
            await grid.DelayAsync(TimeSpan.FromSeconds(2));
            int before = last;
            await PublishAsync(TimeSpan.FromSeconds(1));
            await grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            foreach (var inbox in inboxes.Values)
            {
                Assert.Equal(inbox.Count, inbox.Distinct().Count());
                Assert.Equal(Enumerable.Range(before + 1, last - before), inbox.Where(number => number > before).Order());
            }

            async Task PublishAsync(TimeSpan duration)
            {
                for (var until = grid.Elapsed + duration; grid.Elapsed < until; await grid.DelayAsync(TimeSpan.FromMilliseconds(10)))
                {
                    var from = grid.Nodes.Concat(grid.Clients).ElementAt(grid.Random.Next(4));
                    if (from.Current is { } life) await IgnoreDeathAsync(life.Process.RunAsync(() => PublishIn(life, ++last)));
                }
            }
        });

    private static Task PublishIn(NodeLife life, int number)
    {
        life.Node.Topics.Publish("numbers", new Add(number));
        return Task.CompletedTask;
    }

    private static async Task SubscribeAsync(SimulatedGrid grid, SimulatedNode node, Dictionary<SimulatedNode, List<int>> inboxes)
    {
        var life = await node.Started;
        var inbox = new List<int>();
        inboxes.Add(node, inbox);
        await life.Process.RunAsync(() =>
        {
            life.Node.Topics.Subscribe("numbers", life.Grid.Actors.Spawn(() => new Inbox(inbox)));
            return Task.CompletedTask;
        });
        grid.Note($"{node} has subscribed");
    }

    private static async Task IgnoreDeathAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (ProcessDiedException)
        {
            // Then it was not published, or to nobody.
        }
    }

    private sealed class Inbox(List<int> numbers) : Actor<Add>
    {
        protected override ValueTask OnMessageAsync(Add message)
        {
            numbers.Add(message.Number);
            return default;
        }
    }
}

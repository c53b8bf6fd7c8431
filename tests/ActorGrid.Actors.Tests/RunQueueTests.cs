namespace ActorGrid.Actors.Tests;

public sealed class RunQueueTests
{
    /// <summary>The owner's side takes no lock, so this is where a mistake in the barriers would lose or double an item.</summary>
    [Fact]
    public async Task Owner_and_thieves_get_every_item_exactly_once()
    {
        const int Items = 300_000, Thieves = 2;
        var queue = new RunQueue();
        int[] taken = new int[Items];
        bool ended = false;
        int robbed = 0;
        Task[] thieves = [.. Enumerable.Range(0, Thieves).Select(t => Task.Factory.StartNew(
            () =>
            {
                var loot = new RunQueue();
                while (!Volatile.Read(ref ended))
                {
                    Interlocked.Add(ref robbed, queue.Rob(loot, all: t == 0));
                    while (loot.Pop() is Item item) Interlocked.Increment(ref taken[item.Number]);
                }
            },
            TaskCreationOptions.LongRunning))];
        Task owner = Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < Items; i++)
                {
                    queue.Push(new Item(i));
                    if (i % 3 == 0 && queue.Pop() is Item one) Interlocked.Increment(ref taken[one.Number]);
                    if (i % 1000 == 0)
                        while (queue.Pop() is Item more) Interlocked.Increment(ref taken[more.Number]);
                }

                while (queue.Pop() is Item rest) Interlocked.Increment(ref taken[rest.Number]);
                Volatile.Write(ref ended, true);
            },
            TaskCreationOptions.LongRunning);
        await Task.WhenAll([owner, .. thieves]).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.All(taken, count => Assert.Equal(1, count));
        Assert.True(robbed > 0, "The thieves got nothing: the test shows nothing.");
    }

    /// <summary>A thief that waited for its own queue while it holds another's would, robbed itself, wait for ever.</summary>
    [Fact]
    public async Task Owners_that_rob_each_other_never_wait_for_each_other()
    {
        const int Rounds = 20_000, Each = 8;
        RunQueue[] queues = [new(), new()];
        int[] taken = new int[Rounds * queues.Length * Each];
        int robbed = 0;
        using var start = new Barrier(queues.Length);
        Task[] owners = [.. queues.Select((_, o) => Task.Factory.StartNew(() => PushRobAndPop(o), TaskCreationOptions.LongRunning))];
        await Task.WhenAll(owners).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(taken, count => Assert.Equal(1, count));
        Assert.True(robbed > 0, "Nobody robbed anybody: the test shows nothing.");

        void PushRobAndPop(int owner)
        {
            RunQueue own = queues[owner], other = queues[1 - owner];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < Each; i++) own.Push(new Item((((round * 2) + owner) * Each) + i));
                start.SignalAndWait();
                Interlocked.Add(ref robbed, other.Rob(own, all: round % 2 == 0));
                while (own.Pop() is Item item) Interlocked.Increment(ref taken[item.Number]);
            }
        }
    }

    private sealed class Item(int number) : IRunnable
    {
        public int Number => number;

        public void Run()
        {
        }
    }
}

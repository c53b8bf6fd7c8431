namespace ActorGrid.Failover.Tests;

public sealed class ChaosPlanTests
{
    [Fact]
    public void A_plan_leaves_the_grid_a_chance()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var plan = new ChaosPlan(seed, 4);
            var back = new Dictionary<int, TimeSpan>();
            TimeSpan at = default, lastStop = TimeSpan.MinValue;
            int kills = 0, stops = 0;
            while (at < TimeSpan.FromMinutes(2))
            {
                foreach (int node in back.Where(b => b.Value <= at).Select(b => b.Key).ToList()) back.Remove(node);
                var step = plan.Next(at, back.Keys.ToHashSet());
                if (step.Fault is { } fault)
                {
                    Assert.InRange(fault.Node, 0, 3);
                    Assert.True(back.TryAdd(fault.Node, at + fault.AwayFor), "A node that is away is hit again.");
                    Assert.True(back.Count <= 2, "Too many nodes are away.");
                    if (fault.IsStop)
                    {
                        Assert.True(lastStop == TimeSpan.MinValue || at - lastStop >= ChaosPlan.BetweenStops, "Two stops follow too soon.");
                        lastStop = at;
                        stops++;
                    }
                    else
                    {
                        kills++;
                    }
                }
                at += step.Pause;
            }
            Assert.True(kills > 5 && stops > 3, $"Seed {seed} makes {kills} kills and {stops} stops in two minutes.");
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_plan()
    {
        Assert.Equal(Steps(7), Steps(7));
        Assert.NotEqual(Steps(7), Steps(8));

        static List<ChaosStep> Steps(int seed)
        {
            var plan = new ChaosPlan(seed, 4);
            return [.. Enumerable.Range(0, 20).Select(i => plan.Next(TimeSpan.FromSeconds(10 * i), new HashSet<int>()))];
        }
    }
}

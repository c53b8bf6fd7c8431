using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Cluster.Tests;

public sealed class AllocationStrategyTests
{
    public static TheoryData<IAllocationStrategy> All => [new WeightedRendezvous(), new LeastLoaded(), new RoundRobin(), new RandomAllocation(), new RandomAllocation(7)];

    public static TheoryData<IAllocationStrategy> Balanced => [new LeastLoaded(), new RoundRobin(), new RandomAllocation()];

    [Theory]
    [MemberData(nameof(All))]
    public void Given_its_own_answer_a_strategy_gives_it_again(IAllocationStrategy strategy) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var members = Draw(random);
            int[] owners = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => random.Next(-1, members.Length))];
            int[] targets = Allocate(strategy, members, owners);
            Assert.All(targets, target => Assert.InRange(target, 0, members.Length - 1));
            Assert.Equal(targets, Allocate(strategy, members, targets));
        }));

    [Theory]
    [MemberData(nameof(Balanced))]
    public void Each_member_has_its_exact_share_and_no_shard_moves_that_need_not(IAllocationStrategy strategy) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var members = Draw(random);
            int[] owners = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => random.Next(-1, members.Length))];
            int[] targets = Allocate(strategy, members, owners);
            for (int i = 0; i < members.Length; i++)
            {
                double share = (double)owners.Length * members[i].Weight / members.Sum(member => member.Weight);
                int had = owners.Count(owner => owner == i), has = targets.Count(target => target == i);
                Assert.InRange(has, Math.Floor(share), Math.Ceiling(share));
                // It gives away only what it has too much, and only then.
                int kept = owners.Zip(targets).Count(pair => pair.First == i && pair.Second == i);
                Assert.Equal(Math.Min(had, has), kept);
            }
        }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_a_strategy_fails_owned_shards_stay_and_the_others_go_where_the_default_puts_them(bool throws)
    {
        var members = Draw(new Random(1));
        int[] owners = [.. Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? -1 : i % members.Length)];
        List<Exception> failures = [];
        var guarded = new GuardedAllocation(new Failing(throws), failures.Add);
        int[] targets = Allocate(guarded, members, owners), byDefault = Allocate(new WeightedRendezvous(), members, owners);
        Assert.Equal(owners.Zip(byDefault, (owner, target) => owner >= 0 ? owner : target), targets);
        Assert.Single(failures);
    }

    [Fact]
    public void By_rendezvous_only_what_a_member_wins_or_held_moves_when_it_comes_or_goes() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var members = Draw(new Random(seed));
            int[] none = new int[256];
            Array.Fill(none, -1);
            int[] with = Allocate(new WeightedRendezvous(), members, none);
            if (members.Length == 1) return;
            int[] without = Allocate(new WeightedRendezvous(), members[..^1], none);
            for (int i = 0; i < with.Length; i++) Assert.True(with[i] == members.Length - 1 || with[i] == without[i], $"Shard {i} moves for nothing.");
        }));

    [Fact]
    public void By_rendezvous_members_share_by_weight()
    {
        var members = Enumerable.Range(0, 10).Select(n => GridModel.Node(n) with { Weight = n < 5 ? 100 : 300 }).ToArray();
        int[] targets = Allocate(new WeightedRendezvous(), members, new int[20_000]);
        // Of 20,000 shards 1,000 and 3,000; five standard deviations to each side.
        Assert.All(members, (member, i) => Assert.InRange(targets.Count(target => target == i), 10 * member.Weight * 0.84, 10 * member.Weight * 1.16));
    }

    /// <summary>Nodes of two versions of ActorGrid must come to the same answer: whoever changes a hash sees it here.</summary>
    [Fact]
    public void The_choice_is_the_same_in_every_version()
    {
        Member[] members = [.. Enumerable.Range(1, 5).Select(n => GridModel.Node(n) with { Weight = n == 3 ? 200 : 100 })];
        int[] none = [.. Enumerable.Repeat(-1, 16)];
        Assert.Equal("4,1,3,2,1,3,1,1,1,2,1,2,2,2,2,1", string.Join(',', Allocate(new WeightedRendezvous(), members, none)));
        Assert.Equal("0,1,2,2,0,1,2,3,4,2,0,1,2,3,4,2", string.Join(',', Allocate(new LeastLoaded(), members, none)));
        Assert.Equal("0,1,2,3,4,0,1,2,3,4,0,1,2,2,2,2", string.Join(',', Allocate(new RoundRobin(), members, none)));
        Assert.Equal("0,1,0,2,0,1,3,1,3,4,2,2,2,4,2,2", string.Join(',', Allocate(new RandomAllocation(1), members, none)));
    }

    private static Member[] Draw(Random random) => [.. Enumerable.Range(0, random.Next(1, 12)).Select(n => GridModel.Node(n) with { Weight = random.Next(1, 400) })];

    private static int[] Allocate(IAllocationStrategy strategy, Member[] members, int[] owners)
    {
        int[] targets = new int[owners.Length];
        strategy.Allocate(members, new ShardId(0), owners, targets);
        return targets;
    }

    private sealed class Failing(bool throws) : IAllocationStrategy
    {
        public void Allocate(ReadOnlySpan<Member> candidates, ShardId first, ReadOnlySpan<int> owners, Span<int> targets)
        {
            targets.Fill(0);
            targets[^1] = candidates.Length;
            if (throws) throw new NotSupportedException("It fails.");
        }
    }
}

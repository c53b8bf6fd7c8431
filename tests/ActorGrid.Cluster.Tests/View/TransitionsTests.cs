using System.Collections.Immutable;
using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;
using static ActorGrid.Cluster.Tests.GridModel;

namespace ActorGrid.Cluster.Tests;

public sealed class TransitionsTests
{
    /// <summary>Each step asserts the invariants as it is sealed; here is what they add up to over a whole history.</summary>
    [Fact]
    public void In_no_history_is_a_term_of_a_shard_owned_twice() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var owners = new Dictionary<(int, long), Guid>();
            var highest = new Dictionary<int, long>();
            foreach (var view in ViewHistory.Draw(seed, 60))
            {
                view.Check();
                for (int i = 0; i < view.Shards.Length; i++)
                {
                    var (owner, term, _) = view.Shards[i];
                    Assert.True(term >= highest.GetValueOrDefault(i), $"The term of shard {i} goes back to {term} in {view}.");
                    highest[i] = term;
                    if (owner != Guid.Empty) Assert.True(!owners.TryAdd((i, term), owner) ? owners[(i, term)] == owner : true, $"Term {term} of shard {i} has two owners.");
                }
            }
        }));

    [Fact]
    public void An_unsound_view_says_what_is_wrong_with_it()
    {
        var view = UpGrid(2);
        Says("twice", view.Change(members: [view.Members[0], view.Members[0]]));
        Says("endpoint", view.Change(members: [view.Members[0], view.Members[1] with { Endpoint = view.Members[0].Endpoint }]));
        Says("order of age", view.Change(members: [view.Members[1], view.Members[0]]));
        Says("may own it", view.Change(members: [view.Members[0]]));
        Says("may own it", view.Change(members: [view.Members[0], view.Members[1] with { Status = MemberStatus.Joining }]));
        Says("cannot take it over", view.Change(shards: view.Shards.SetItem(3, view.Shards[3] with { Next = Id(9) })));
        Says("cannot take it over", view.Change(shards: view.Shards.SetItem(3, view.Shards[3] with { Next = view.Shards[3].Owner })));
        Says("in term 0", view.Change(shards: view.Shards.SetItem(3, view.Shards[3] with { Term = 0 })));
        Says("63 shards", view.Change(shards: view.Shards[..63]));
        Says("have a role", view.Change(spaces: [new ShardSpace("blue", 0)]));
        Says("has no shards", view.Change(typeRoles: view.TypeRoles.Add("account", "blue")));
        Says("revoked", view.Change(revoked: [new RevokedLease(Id(1), 3)]));
        Says("weight", view.Change(members: [view.Members[0] with { Weight = 0 }, view.Members[1]]));
        Says("ordinal order", view.Change(members: [view.Members[0] with { Roles = ["b", "a"] }, view.Members[1]]));

        static void Says(string what, ClusterView view) => Assert.Contains(what, Assert.Throws<InvalidOperationException>(view.Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_that_is_not_one_step_on_cannot_follow()
    {
        var view = UpGrid(2);
        Says("count by 1", view);
        var next = view.Change(version: view.Version + 1);
        next.CheckSuccessorOf(view);
        Says("goes from", next.Change(shards: view.Shards.SetItem(0, view.Shards[0] with { Term = 9 })));
        var other = view.Shards[0].Owner == Id(1) ? Id(2) : Id(1);
        Says("goes from", next.Change(shards: view.Shards.SetItem(0, view.Shards[0] with { Owner = other })));
        Says("would last", next.Change(lease: view.Lease! with { Drift = TimeSpan.Zero }));
        next.Change(shards: view.Shards.SetItem(0, new ShardOwnership(other, view.Shards[0].Term + 1, Guid.Empty))).CheckSuccessorOf(view);

        void Says(string what, ClusterView next) =>
            Assert.Contains(what, Assert.Throws<InvalidOperationException>(() => next.CheckSuccessorOf(view)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transitions_refuse_what_they_do_not_rest_on()
    {
        var view = UpGrid(2);
        var types = view.TypeRoles;
        Refused(() => Transitions.Join(view, Node(1), types));
        Refused(() => Transitions.Join(view, Node(1, life: 2), types));
        Refused(() => Transitions.Agree(view, view.Lease! with { Drift = TimeSpan.Zero }));
        Refused(() => Transitions.Up(view, Id(1)));
        Refused(() => Transitions.Leave(view, Id(7)));
        Refused(() => Transitions.Remove(view, Id(1)));
        Refused(() => Transitions.Remove(Transitions.Leave(view, Id(1)), Id(1)));
        Refused(() => Transitions.Die(view, [new Death(Id(7), DepartureCause.Gone, 1)]));
        Refused(() => Transitions.Settle(view, [Id(1)]));
        Refused(() => Transitions.Assign(view, [new Placement(new ShardId(0), Id(1))]));
        Refused(() => Transitions.Move(view, [new Placement(new ShardId(0), view.Shards[0].Owner)]));
        Refused(() => Transitions.Release(view, view.Shards[0].Owner, [new ShardId(0)]));

        static void Refused(Action transition) => Assert.Throws<InvalidOperationException>(transition);
    }

    [Fact]
    public void Entities_of_each_role_have_shards_of_their_own_which_never_change()
    {
        var (blue, account) = (EntityId.Create("blue-type", "x"), EntityId.Create("account", "x"));
        var view = Transitions.Join(ClusterView.Empty(Grid), Node(1), ClusterView.Empty(Grid).TypeRoles.Add("account", "").Add("blue-type", "blue"));
        Assert.Equal(128, view.Shards.Length);
        Assert.Equal(ShardId.Of(account, 64), view.ShardOf(account));
        Assert.Equal(ShardId.Of(blue, 64).Value + 64, view.ShardOf(blue).Value);
        Assert.Equal("blue", view.SpaceOf(view.ShardOf(blue)).Role);
        var later = Transitions.Join(Transitions.Seal(ClusterView.Empty(Grid), view), Node(2), view.TypeRoles.Clear().Add("amber-type", "amber"));
        Assert.Equal(view.ShardOf(blue), later.ShardOf(blue));
        Assert.Equal(["", "blue", "amber"], later.Spaces.Select(space => space.Role));
        Assert.False(later.TryShardOf(EntityId.Create("unheard-of", "x"), out _));
        Assert.Contains("unheard-of", Assert.Throws<ArgumentException>(() => later.ShardOf(EntityId.Create("unheard-of", "x"))).Message, StringComparison.Ordinal);
    }
}

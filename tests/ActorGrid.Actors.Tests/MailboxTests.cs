using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Actors.Tests;

public sealed class MailboxTests
{
    /// <summary>Whatever is told, stashed and unstashed, and whenever the actor gets its turn: each message is handled once, and those that were never
    /// stashed in the order in which they were sent.</summary>
    [Fact]
    public void Order_holds_through_stash_and_turns() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), steps =>
        {
            var sim = new Sim();
            var handled = new List<int>();
            var stashed = new HashSet<int>();
            ActorRef<(int Number, int Kind)> actor = sim.Spawn<(int Number, int Kind)>((m, c) =>
            {
                if (m.Kind == 1 && stashed.Add(m.Number))
                {
                    c.Stash();
                    return default;
                }

                handled.Add(m.Number);
                if (m.Kind == 2) c.UnstashAll();
                return default;
            });
            for (int i = 0; i < steps.Length; i++)
            {
                actor.Tell((i, steps[i] % 3));
                if (steps[i] > 200) sim.Run();
            }

            actor.Tell((steps.Length, 2));
            sim.Run();
            int[] direct = [.. handled.Where(n => !stashed.Contains(n))];
            return handled.Order().SequenceEqual(Enumerable.Range(0, steps.Length + 1)) && direct.SequenceEqual(direct.Order());
        }).QuickCheckThrowOnFailure();

    /// <summary>A stash gives back in the order in which it took.</summary>
    [Fact]
    public void Unstashed_messages_keep_their_order() =>
        Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), count =>
        {
            var sim = new Sim();
            var handled = new List<int>();
            bool open = false;
            ActorRef<int> actor = sim.Spawn<int>((m, c) =>
            {
                if (m < 0) { open = true; c.UnstashAll(); }
                else if (open) handled.Add(m);
                else c.Stash();
                return default;
            });
            for (int i = 0; i < count.Get; i++) actor.Tell(i);
            actor.Tell(-1);
            actor.Tell(count.Get);
            sim.Run();
            return handled.SequenceEqual(Enumerable.Range(0, count.Get + 1));
        }).QuickCheckThrowOnFailure();
}

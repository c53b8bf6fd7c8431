using System.Globalization;
using System.Text;

namespace ActorGrid.Actors;

/// <summary>An actor and those below it at a moment, see <see cref="ActorSystem.Describe"/>.</summary>
/// <param name="Path">The names from the root of the system down to the actor.</param>
/// <param name="Class">The name of its class, without namespace; null if there is no instance.</param>
/// <param name="State">What it was doing.</param>
/// <param name="Queue">How many messages waited, the one that was being handled and the stashed ones not included; counted up to 100,000.</param>
/// <param name="Stashed">How many messages it had put aside.</param>
/// <param name="Restarts">How often it was given a new instance, over its whole life.</param>
/// <param name="ChildCount">How many children it had.</param>
/// <param name="Children">Those of them that are described: those with a name of their own, then those with a made-up one, each from the oldest; see <see cref="ActorSystem.Describe"/> for which are left out.</param>
public sealed record ActorDescription(
    string Path, string? Class, ActorState State, int Queue, int Stashed, int Restarts, int ChildCount, IReadOnlyList<ActorDescription> Children)
{
    private const string Indent = "  ";

    /// <summary>The tree, for people to read: a line for each actor, children below their parent.</summary>
    /// <returns>Lines, each ended by a line feed.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        // Not by recursion: how deep a tree goes is up to the actors.
        var open = new Stack<(ActorDescription Actor, int Depth)>();
        open.Push((this, 0));
        while (open.TryPop(out (ActorDescription Actor, int Depth) next))
        {
            next.Actor.AppendLine(text, next.Depth);
            for (int i = next.Actor.Children.Count - 1; i >= 0; i--) open.Push((next.Actor.Children[i], next.Depth + 1));
        }

        return text.ToString();
    }

    private void AppendLine(StringBuilder text, int depth)
    {
        for (int i = 0; i < depth; i++) text.Append(Indent);
        text.Append(Path).Append(' ').Append(Class ?? "?").Append(", ").Append(Name(State));
        Append(text, Queue, "queued");
        Append(text, Stashed, "stashed");
        Append(text, Restarts, Restarts == 1 ? "restart" : "restarts");
        Append(text, ChildCount - Children.Count, "children not shown");
        text.Append('\n');
    }

    private static void Append(StringBuilder text, int count, string what)
    {
        if (count > 0) text.Append(", ").Append(count.ToString(CultureInfo.InvariantCulture)).Append(' ').Append(what);
    }

    private static string Name(ActorState state) => state switch
    {
        ActorState.Starting => "starting",
        ActorState.Running => "running",
        ActorState.Handling => "handling",
        ActorState.Suspended => "suspended",
        ActorState.Restarting => "restarting",
        ActorState.Stopping => "stopping",
        _ => "stopped",
    };
}

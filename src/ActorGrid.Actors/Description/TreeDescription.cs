namespace ActorGrid.Actors;

/// <summary>Describes a bounded part of a tree of actors, level by level, so that what is left out is what is far from the root.</summary>
internal static class TreeDescription
{
    public static ActorDescription Of(ActorCell root, int actorsMax)
    {
        var found = new List<Node> { new(root) };
        for (int i = 0; i < found.Count; i++)
        {
            Node node = found[i];
            node.First = found.Count;
            ActorCell[] children = node.Cell.NamedThenOldestChildren(actorsMax - found.Count, out node.ChildCount);
            foreach (ActorCell child in children) found.Add(new Node(child));
            node.Count = children.Length;
        }

        // From the end: a child always comes after its parent.
        var described = new ActorDescription[found.Count];
        for (int i = found.Count - 1; i >= 0; i--)
        {
            Node node = found[i];
            described[i] = node.Cell.Describe(node.ChildCount, described[node.First..(node.First + node.Count)]);
        }

        return described[0];
    }

    private sealed class Node(ActorCell cell)
    {
        public int ChildCount;

        public ActorCell Cell => cell;

        public int First { get; set; }

        public int Count { get; set; }
    }
}

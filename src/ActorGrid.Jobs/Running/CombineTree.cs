namespace ActorGrid.Jobs;

/// <summary>
/// Which partial results are combined with which: a fixed binary tree over the part numbers, so that the outcome does not hang on the order
/// in which parts end. A node (level, index) stands for the parts from index * 2^level on, 2^level of them as far as there are so many.
/// </summary>
/// <remarks>
/// What waits here: of each part that is not in yet, at most one sibling on each level above it. So with k parts outstanding out of n, at
/// most k * log2(n) values.
/// </remarks>
/// <typeparam name="T">The values.</typeparam>
internal sealed class CombineTree<T>(int parts)
    where T : class
{
    private readonly Dictionary<CombineNode, T> _waiting = [];

    /// <summary>The combination of all, once there is one.</summary>
    public T? Total { get; private set; }

    public int Waiting => _waiting.Count;

    /// <summary>Puts a value in its place.</summary>
    /// <returns>Two values to combine, whose combination is to be put in the place named; null if nothing can be combined now.</returns>
    public (CombineNode Into, T Left, T Right)? Put(CombineNode node, T value)
    {
        if (parts <= node.Index << node.Level) throw new ArgumentOutOfRangeException(nameof(node), node, $"There are {parts} parts.");
        while (parts > 1 << node.Level)
        {
            var sibling = node.Sibling;
            bool isAlone = (long)sibling.Index << sibling.Level >= parts;
            if (isAlone)
            {
                node = node.Parent;
                continue;
            }
            if (_waiting.Remove(sibling, out var other)) return node.IsLeft ? (node.Parent, value, other) : (node.Parent, other, value);
            if (!_waiting.TryAdd(node, value)) throw new InvalidOperationException($"{node} is there twice.");
            return null;
        }
        if (Total is not null) throw new InvalidOperationException("The total is there twice.");
        Total = value;
        return null;
    }
}

/// <summary>A place in a <see cref="CombineTree{T}"/>; those of level 0 are the parts.</summary>
internal readonly record struct CombineNode(int Level, int Index)
{
    public bool IsLeft => (Index & 1) == 0;

    public CombineNode Sibling => new(Level, Index ^ 1);

    public CombineNode Parent => new(Level + 1, Index >> 1);

    // The generated one would print parents without end.
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"node {Index} of level {Level}");
}

namespace ActorGrid.Cluster;

/// <summary>Which members stay when not all reach each other.</summary>
internal static class Connectivity
{
    /// <summary>Of the sets of members that reach each other, directly or through others of the set, the one that stays: that with the most members Up, and
    /// of equal ones that with the oldest member Up.</summary>
    /// <remarks>A pair is cut off from each other if either says so. Two that are, but reach a third, are in one set: what they ask of each other is relayed.</remarks>
    /// <param name="voters">The members, the oldest first.</param>
    /// <param name="votes">The lease row of each, with whom it cannot reach.</param>
    public static HashSet<Guid> Staying(ReadOnlySpan<Member> voters, ReadOnlySpan<LeaseRow> votes)
    {
        var suspects = new Dictionary<Guid, HashSet<Guid>>(voters.Length);
        foreach (var row in votes) suspects.Add(row.Incarnation, [.. row.Suspects]);
        var rest = new List<Member>(voters.Length);
        foreach (var voter in voters) rest.Add(voter);
        (HashSet<Guid> best, int bestUp) = ([], -1);
        // The sets come in the order of their oldest members, those that leave left aside, so that the first of equal ones is the one that stays.
        while (rest.Count > 0)
        {
            int start = Math.Max(rest.FindIndex(member => member.Status == MemberStatus.Up), 0);
            var set = TakeSet(rest, start, suspects);
            int up = set.Count(member => member.Status == MemberStatus.Up);
            if (up > bestUp) (best, bestUp) = (set.Select(member => member.Incarnation).ToHashSet(), up);
        }
        return best;
    }

    /// <summary>Takes all that a member reaches out of those left over: a search that visits each cut pair and each member once, since nearly all pairs reach
    /// each other.</summary>
    private static List<Member> TakeSet(List<Member> rest, int start, Dictionary<Guid, HashSet<Guid>> suspects)
    {
        List<Member> set = [rest[start]];
        rest.RemoveAt(start);
        for (int i = 0; i < set.Count; i++)
        {
            var from = set[i].Incarnation;
            foreach (var member in rest)
            {
                if (Reach(from, member.Incarnation)) set.Add(member);
            }
            rest.RemoveAll(member => Reach(from, member.Incarnation));
        }
        return set;

        bool Reach(Guid a, Guid b) => !suspects[a].Contains(b) && !suspects[b].Contains(a);
    }
}

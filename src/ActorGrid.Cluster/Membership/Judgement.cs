namespace ActorGrid.Cluster;

/// <summary>That a member is dead, and by what evidence.</summary>
/// <param name="Death">The death.</param>
/// <param name="ExpectedNumber">The number that its lease must have when it is revoked; null: any.</param>
/// <param name="Evidence">In words.</param>
internal readonly record struct Verdict(Death Death, long? ExpectedNumber, string Evidence);

/// <summary>
/// Who of the members is dead. Three kinds of evidence, from the surest to the weakest: the process has gone, on two witnesses; its lease has run out; or it renews its
/// lease, but the larger part of the members cannot reach it. Only after the last anybody has to wait for the lease.
/// </summary>
internal static class Judgement
{
    /// <summary>All members but the node itself that are dead by what it has found out.</summary>
    public static IReadOnlyList<Verdict> Of(ClusterView view, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        // All evidence rests on the store in part.
        if (!AreRowsFresh(findings, limits, now)) return [];
        List<Verdict> verdicts = [];
        bool mayJudgeByLease = MayJudgeByLease(view, findings, limits, now);
        foreach (var member in view.Members)
        {
            if (member.Incarnation == findings.Self.Incarnation || !findings.Peers.TryGetValue(member.Incarnation, out var peer)) continue;
            var row = findings.Leases.GetValueOrDefault(member.Incarnation);
            if (row is not null && IsGone(member, peer, row, findings) is { } witness)
            {
                verdicts.Add(new Verdict(new Death(member.Incarnation, DepartureCause.Gone, row.Number), null, $"{witness}, and the store has seen it go"));
            }
            else if (row is { HasEnded: true })
            {
                verdicts.Add(new Verdict(new Death(member.Incarnation, DepartureCause.Expired, row.Number), row.Number, "it has ended its lease itself"));
            }
            else if (mayJudgeByLease && HasExpired(peer, row, findings, limits, now))
            {
                verdicts.Add(new Verdict(new Death(member.Incarnation, DepartureCause.Expired, peer.LeaseNumber), row?.Number, "its lease has run out"));
            }
        }
        if (mayJudgeByLease) AddSilent(verdicts, view, findings, limits, now);
        return verdicts;
    }

    /// <summary>The lease row of somebody, if it was read lately.</summary>
    public static LeaseRow? RowOf(Guid incarnation, Findings findings, MembershipLimits limits, TimeSpan now) =>
        AreRowsFresh(findings, limits, now) ? findings.Leases.GetValueOrDefault(incarnation) : null;

    private static bool AreRowsFresh(Findings findings, MembershipLimits limits, TimeSpan now) =>
        findings.LeasesReadAt is { } readAt && now - readAt <= limits.RowsFreshFor;

    /// <summary>
    /// After an outage of the store all leases look run out, until their holders have had time to renew them: nobody judges by leases before it has held its own for a
    /// full term. And it is for members Up to judge so, unless none of them renews: a whole grid that died has nobody else left than who joins now.
    /// </summary>
    private static bool MayJudgeByLease(ClusterView view, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        if (findings.LeaseHeldSince is not { } since || now - since < limits.LeaseDuration) return false;
        if (view.Find(findings.Self.Incarnation) is { Status: MemberStatus.Up }) return true;
        return view.Members.All(member => member.Status != MemberStatus.Up
            || (findings.Peers.TryGetValue(member.Incarnation, out var peer) && now - peer.LeaseSince >= limits.WaitOut));
    }

    /// <summary>The first witness, if both are there: its address, and the store.</summary>
    private static string? IsGone(Member member, PeerFinding peer, LeaseRow row, Findings findings)
    {
        if (row.IsPresent || peer.IsReachable) return null;
        if (findings.Self.Displaces(member)) return "this node listens at its endpoint, on its host";
        return peer.IsRefused ? "its address refuses or is another's" : null;
    }

    private static bool HasExpired(PeerFinding peer, LeaseRow? row, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        if (now - peer.LeaseSince < limits.WaitOut) return false;
        // A member opens its lease before it joins: one without a row that was looked for since can never have one again.
        return row is null ? findings.LeasesReadAt > peer.LeaseSince : row.Number == peer.LeaseNumber;
    }

    private static void AddSilent(List<Verdict> verdicts, ClusterView view, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        var dead = verdicts.Select(verdict => verdict.Death.Incarnation).ToHashSet();
        var subjects = view.Members.Where(member => !dead.Contains(member.Incarnation) && IsSilent(member, findings, limits, now)).ToArray();
        if (subjects.Length == 0) return;
        var voters = view.Members.Where(member => member.Status != MemberStatus.Joining && !dead.Contains(member.Incarnation) && Lives(member, findings, limits, now)).ToArray();
        var staying = Connectivity.Staying(voters, Array.ConvertAll(voters, voter => findings.Leases[voter.Incarnation]));
        // Whoever is not in there himself has no say.
        if (!staying.Contains(findings.Self.Incarnation)) return;
        foreach (var subject in subjects)
        {
            if (staying.Contains(subject.Incarnation) || !voters.Contains(subject)) continue;
            string evidence = $"it renews its lease, but {staying.Count} of {voters.Length} members cannot reach it";
            verdicts.Add(new Verdict(new Death(subject.Incarnation, DepartureCause.Silent, findings.Leases[subject.Incarnation].Number), null, evidence));
        }
    }

    /// <summary>Whether the node itself has not reached a member for some time, though that one has renewed its lease meanwhile. One that was not seen to renew may have been
    /// stopped: it is left to run out, at the same time as its revoked lease would, so a pause that ends sooner costs nothing.</summary>
    private static bool IsSilent(Member member, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        if (member.Status == MemberStatus.Joining || !findings.Peers.TryGetValue(member.Incarnation, out var peer)) return false;
        if (peer.IsReachable || now - peer.Since < limits.SilentAfter) return false;
        return findings.Leases.TryGetValue(member.Incarnation, out var row) && (row.Number != peer.LeaseNumber || (peer.LeaseSince > peer.Since && now - peer.LeaseSince < limits.StalledAfter));
    }

    /// <summary>Whether the lease of a member may still be trusted, so that its votes count.</summary>
    private static bool Lives(Member member, Findings findings, MembershipLimits limits, TimeSpan now)
    {
        if (findings.Leases.GetValueOrDefault(member.Incarnation) is not { IsRevoked: false, HasEnded: false } row) return false;
        if (member.Incarnation == findings.Self.Incarnation) return true;
        return findings.Peers.TryGetValue(member.Incarnation, out var peer) && (row.Number != peer.LeaseNumber || now - peer.LeaseSince < limits.WaitOut);
    }
}

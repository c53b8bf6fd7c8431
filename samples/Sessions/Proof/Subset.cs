using System.Numerics;

namespace Sessions;

/// <summary>
/// Finds which of some candidates make up a fingerprint. It settles the events of which nobody knows whether they were written: sent, never
/// acknowledged, and by now too old to be sent again under their command ids.
/// </summary>
/// <remarks>
/// The xor of a chosen few is a system of 64 linear equations over {0, 1} with one unknown for each candidate, which elimination solves at
/// once where trying all subsets would take 2^n steps. While the candidates' vectors are independent the solution is the only one; vectors
/// of 64 random bits are so up to some 50 candidates, and that they are is checked. Count and sum are not used to solve, so they confirm
/// the solution: a wrong one passes once in 2^64.
/// </remarks>
internal static class Subset
{
    /// <summary>Finds the candidates whose fingerprints add up to the target.</summary>
    /// <param name="target">What they have to add up to.</param>
    /// <param name="candidates">The fingerprints of single events.</param>
    /// <param name="chosen">Bit i is set if candidate i belongs to them.</param>
    public static SubsetResult Find(Fingerprint target, IReadOnlyList<Fingerprint> candidates, out ulong chosen)
    {
        chosen = 0;
        if (candidates.Count > 64) return SubsetResult.Ambiguous;

        // vector[b] has b as its highest bit and is the xor of the candidates in members[b].
        Span<ulong> vector = stackalloc ulong[64], members = stackalloc ulong[64];
        vector.Clear();
        members.Clear();
        for (int i = 0; i < candidates.Count; i++)
        {
            var (rest, combined) = Reduce(candidates[i].Xor, vector, members);
            if (rest == 0) return SubsetResult.Ambiguous;
            int highest = BitOperations.Log2(rest);
            vector[highest] = rest;
            members[highest] = combined ^ (1UL << i);
        }

        var (unexplained, solution) = Reduce(target.Xor, vector, members);
        if (unexplained != 0) return SubsetResult.None;
        var sum = default(Fingerprint);
        for (int i = 0; i < candidates.Count; i++)
        {
            if ((solution >> i & 1) != 0) sum += candidates[i];
        }
        if (sum != target) return SubsetResult.None;
        chosen = solution;
        return SubsetResult.Found;
    }

    /// <summary>Takes away from a value all that the vectors can express, and says which candidates that took.</summary>
    private static (ulong Left, ulong Members) Reduce(ulong value, ReadOnlySpan<ulong> vector, ReadOnlySpan<ulong> members)
    {
        ulong combined = 0;
        for (int bit = 63; bit >= 0; bit--)
        {
            if ((value >> bit & 1) == 0 || vector[bit] == 0) continue;
            value ^= vector[bit];
            combined ^= members[bit];
        }
        return (value, combined);
    }
}

/// <summary>What <see cref="Subset.Find"/> found.</summary>
internal enum SubsetResult
{
    /// <summary>Exactly one choice adds up to the target.</summary>
    Found,

    /// <summary>No choice does.</summary>
    None,

    /// <summary>There are so many candidates that more than one choice may.</summary>
    Ambiguous,
}

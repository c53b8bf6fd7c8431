using System.Collections.Immutable;

namespace ActorGrid.Failover;

/// <summary>A set of numbers as ranges, in order and apart from each other: as small as a counter while numbers come nearly in order.</summary>
internal static class NumberSet
{
    /// <summary>Adds a number.</summary>
    /// <returns>The set with the number, or null if it was there.</returns>
    public static ImmutableArray<NumberRange>? Add(ImmutableArray<NumberRange> ranges, int number)
    {
        int at = FirstEndingFrom(ranges, number);
        if (at < ranges.Length && ranges[at].First <= number) return null;
        bool joinsBefore = at > 0 && ranges[at - 1].Last == number - 1, joinsAfter = at < ranges.Length && ranges[at].First == number + 1;
        return (joinsBefore, joinsAfter) switch
        {
            (true, true) => ranges.RemoveAt(at).SetItem(at - 1, new NumberRange(ranges[at - 1].First, ranges[at].Last)),
            (true, false) => ranges.SetItem(at - 1, ranges[at - 1] with { Last = number }),
            (false, true) => ranges.SetItem(at, ranges[at] with { First = number }),
            _ => ranges.Insert(at, new NumberRange(number, number)),
        };
    }

    public static bool Contains(ImmutableArray<NumberRange> ranges, int number)
    {
        int at = FirstEndingFrom(ranges, number);
        return at < ranges.Length && ranges[at].First <= number;
    }

    /// <summary>The index of the first range that ends at the number or later. Most numbers belong to the end.</summary>
    private static int FirstEndingFrom(ImmutableArray<NumberRange> ranges, int number)
    {
        int at = ranges.Length;
        while (at > 0 && ranges[at - 1].Last >= number) at--;
        return at;
    }
}

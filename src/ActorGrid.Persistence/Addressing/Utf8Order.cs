namespace ActorGrid.Persistence;

/// <summary>Orders strings as the bytes of their UTF-8 do, which is how databases order them; UTF-16 puts surrogates before
/// U+E000.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x, right = y;
        int same = left.CommonPrefixLength(right);
        return same < left.Length && same < right.Length
            ? Rank(left[same]).CompareTo(Rank(right[same]))
            : left.Length.CompareTo(right.Length);
    }

    /// <summary>Surrogates stand for the code points above U+FFFF, so they come last.</summary>
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}

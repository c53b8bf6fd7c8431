using System.Text;

namespace WordCount;

/// <summary>
/// What a letter is and how it is folded: the Unicode categories L*, by the simple lower-case mapping, whatever the culture.
/// </summary>
public static class Letters
{
    /// <summary>
    /// The folded letter of every code point below U+10000, or 0 where it is no letter. A table because a rune's category and case cost
    /// several look-ups each, which is most of the time on text that is not English.
    /// </summary>
    private static readonly char[] Plane0 = BuildPlane0();

    /// <summary>Folds a letter; false if the rune is none.</summary>
    public static bool TryFold(Rune rune, out Rune folded)
    {
        if (rune.IsBmp)
        {
            char lower = Plane0[rune.Value];
            folded = lower == 0 ? default : new Rune(lower);
            return lower != 0;
        }

        folded = Rune.ToLowerInvariant(rune);
        return Rune.IsLetter(rune);
    }

    /// <summary>Whether these bytes are a word as it is counted: UTF-8, letters only, folded, at least one.</summary>
    public static bool IsFoldedWord(ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty)
            return false;
        while (!word.IsEmpty)
        {
            if (char.IsAsciiLetterLower((char)word[0]))
            {
                word = word[1..];
                continue;
            }

            if (Rune.DecodeFromUtf8(word, out Rune rune, out int length) != System.Buffers.OperationStatus.Done
                || !TryFold(rune, out Rune folded) || folded != rune)
                return false;
            word = word[length..];
        }

        return true;
    }

    private static char[] BuildPlane0()
    {
        char[] table = new char[0x10000];
        for (int value = 0; value < table.Length; value++)
        {
            if (Rune.TryCreate(value, out Rune rune) && Rune.IsLetter(rune) && Rune.ToLowerInvariant(rune) is { IsBmp: true } lower)
                table[value] = (char)lower.Value;
        }

        return table;
    }
}

using System.Buffers;
using System.Text;

namespace WordCount.Tests;

/// <summary>The definition of a word, written down as plainly as can be; what all else is held against.</summary>
internal static class NaiveCount
{
    public static SortedDictionary<string, long> Of(ReadOnlySpan<byte> text)
    {
        SortedDictionary<string, long> words = new(StringComparer.Ordinal);
        StringBuilder word = new();
        while (!text.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(text, out Rune rune, out int length) == OperationStatus.Done;
            text = text[length..];
            if (valid && Rune.IsLetter(rune))
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            else
                End();
        }

        End();
        return words;

        void End()
        {
            if (word.Length == 0)
                return;
            string cut = Cut(word.ToString());
            words[cut] = words.GetValueOrDefault(cut) + 1;
            word.Clear();
        }
    }

    private static string Cut(string word)
    {
        StringBuilder cut = new();
        int bytes = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > WordTable.WordBytesMax)
                break;
            cut.Append(rune.ToString());
        }

        return cut.ToString();
    }

    public static SortedDictionary<string, long> Of(WordTable table)
    {
        SortedDictionary<string, long> words = new(StringComparer.Ordinal);
        foreach (CountedWord word in table.Words())
            words.Add(word.ToString(), word.Count);
        return words;
    }
}

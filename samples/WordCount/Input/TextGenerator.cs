using System.Text;

namespace WordCount;

/// <summary>
/// English-like text: words by Zipf's law (the word of rank r is seen 1/r as often as the first), in sentences and lines. The same seed
/// and length give the same bytes on every machine.
/// </summary>
public sealed class TextGenerator(ulong seed)
{
    private const int Vocabulary = 40_000;
    private const int PickBits = 18;
    private const int LineBytes = 72;

    /// <summary>The words that English uses most, so that the top of the count looks familiar.</summary>
    private const string Frequent =
        "the of and to a in is it you that he was for on are with as i his they be at one have this from or had by not but what all were " +
        "we when your can said there use an each which she do how their if will up other about out many then them these so some her " +
        "would make like him into time has look two more write go see number no way could people my than first water been call who oil " +
        "its now find long down day did get come made may part";

    private static readonly string[] Onsets = "b c d f g h l m n p r s t v w br ch cl cr dr fl gr pl pr qu sh sp st th tr".Split(' ');
    private static readonly string[] Vowels = "a e i o u a e i o e ea ou io ai".Split(' ');
    private static readonly string[] Codas = ["", "", "", "n", "r", "s", "t", "l", "d", "m", "nd", "nt", "st", "ck", "ng"];

    private ulong _state = seed;

    /// <summary>Writes exactly so many bytes.</summary>
    public void Write(Stream to, long bytes, CancellationToken cancel = default)
    {
        byte[][] words = Words();
        int[] ranks = RanksByFrequency();
        byte[] line = new byte[LineBytes + 64];
        bool sentenceStarts = true;
        for (long left = bytes; left > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            int length = 0;
            while (length < LineBytes)
            {
                byte[] word = words[ranks[Next() >> (64 - PickBits)]];
                word.CopyTo(line, length);
                if (sentenceStarts)
                    line[length] -= 'a' - 'A';
                length += word.Length;
                ulong punctuation = Next() % 100;
                sentenceStarts = punctuation < 7;
                if (sentenceStarts)
                    line[length++] = (byte)'.';
                else if (punctuation < 15)
                    line[length++] = (byte)',';
                line[length++] = (byte)' ';
            }

            line[length - 1] = (byte)'\n';
            length = (int)Math.Min(length, left);
            to.Write(line, 0, length);
            left -= length;
        }
    }

    /// <summary>The vocabulary by rank: the frequent words, then made-up ones.</summary>
    private byte[][] Words()
    {
        List<string> words = [.. Frequent.Split(' ')];
        HashSet<string> known = [.. words];
        while (words.Count < Vocabulary)
        {
            StringBuilder word = new();
            for (int syllables = 1 + (int)(Next() % (words.Count < 2_000 ? 2u : 4u)); syllables > 0; syllables--)
                word.Append(Pick(Onsets)).Append(Pick(Vowels)).Append(Pick(Codas));
            if (known.Add(word.ToString()))
                words.Add(word.ToString());
        }

        return [.. words.Select(Encoding.ASCII.GetBytes)];
    }

    /// <summary>A table in which each rank fills a share that is proportional to 1 / (rank + 1).</summary>
    private static int[] RanksByFrequency()
    {
        int[] ranks = new int[1 << PickBits];
        double total = Enumerable.Range(1, Vocabulary).Sum(rank => 1.0 / rank), share = 0;
        int at = 0;
        for (int rank = 0; rank < Vocabulary; rank++)
        {
            share += 1.0 / (rank + 1);
            for (int end = (int)(share / total * ranks.Length); at < end; at++)
                ranks[at] = rank;
        }

        return ranks;
    }

    private string Pick(string[] from) => from[(int)(Next() % (uint)from.Length)];

    /// <summary>SplitMix64: a generator of our own, since the framework's may change between versions.</summary>
    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

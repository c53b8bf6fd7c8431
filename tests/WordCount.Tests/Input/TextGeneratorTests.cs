using System.Security.Cryptography;
using System.Text;

namespace WordCount.Tests;

public sealed class TextGeneratorTests
{
    private static byte[] Generate(ulong seed, int bytes)
    {
        using MemoryStream to = new();
        new TextGenerator(seed).Write(to, bytes);
        return to.ToArray();
    }

    /// <summary>The hash is part of the promise: a count can go on after the program was updated.</summary>
    [Fact]
    public void A_seed_gives_the_same_bytes_for_ever()
    {
        Assert.Equal(
            "38EDE73288C7DE7526312C1B23290011B2DCC370AE91A32A2561D4A68EEFCB7A",
            Convert.ToHexString(SHA256.HashData(Generate(1, 1_000_000))));
        Assert.NotEqual(Generate(1, 1_000), Generate(2, 1_000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_001)]
    public void It_has_exactly_the_length_asked_for(int bytes) => Assert.Equal(bytes, Generate(3, bytes).Length);

    [Fact]
    public void Words_follow_the_law_of_Zipf()
    {
        SortedDictionary<string, long> words = NaiveCount.Of(Generate(1, 4_000_000));
        long[] counts = [.. words.Values.OrderDescending()];
        Assert.Equal(counts[0], words["the"]);
        Assert.InRange(counts[0] / (double)counts[9], 8, 12);
        Assert.InRange(counts[0] / (double)counts[99], 80, 120);
        Assert.InRange(words.Count, 20_000, 40_000);
    }

    [Fact]
    public void Lines_are_those_of_a_text() =>
        Assert.All(Encoding.ASCII.GetString(Generate(1, 100_000)).Split('\n')[..^1], line => Assert.InRange(line.Length, 60, 136));

    [Fact]
    public void The_file_is_made_once_and_again_when_it_is_not_whole()
    {
        using TemporaryFolder folder = new();
        string path = Make();
        Assert.Equal(10_000, new FileInfo(path).Length);
        DateTime made = File.GetLastWriteTimeUtc(path);
        Assert.Equal(path, Make());
        Assert.Equal(made, File.GetLastWriteTimeUtc(path));
        File.WriteAllText(path, "short");
        Assert.Equal(path, Make());
        Assert.Equal(10_000, new FileInfo(path).Length);
        Assert.Equal([path], Directory.GetFiles(folder["data"]));

        string Make() => GeneratedText.In(folder["data"], seed: 7, bytes: 10_000, CancellationToken.None);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("file", "text");
        string message = Assert.Throws<InputException>(() => GeneratedText.In(Path.Join(file, "data"), seed: 1)).Message;
        Assert.Contains(file, message, StringComparison.Ordinal);
    }
}

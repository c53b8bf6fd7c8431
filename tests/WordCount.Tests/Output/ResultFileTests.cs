namespace WordCount.Tests;

public sealed class ResultFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CountResult OneWord()
    {
        WordTable table = new();
        table.Add("one"u8);
        return CountResult.Of(table, bytesBefore: 0, TimeSpan.Zero);
    }

    [Fact]
    public void What_was_there_before_stays_when_the_new_result_cannot_be_written()
    {
        string path = _folder.Write("out.csv", "old");
        IEnumerable<CountedWord> words = OneWord().Words;
        Assert.Throws<NotSupportedException>(() => ResultFile.WriteCsv(path, new Failing(words)));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_link_stays_a_link_and_the_file_that_it_leads_to_is_replaced()
    {
        string path = _folder.Write("real.csv", "old");
        File.CreateSymbolicLink(_folder["link.csv"], path);
        ResultFile.Check(_folder["link.csv"], []);
        ResultFile.WriteCsv(_folder["link.csv"], OneWord().Words);
        Assert.Equal(path, new FileInfo(_folder["link.csv"]).LinkTarget);
        Assert.Equal("word,count\none,1\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_device_is_written_to_and_not_replaced()
    {
        ResultFile.Check("/dev/null", []);
        ResultFile.WriteJson("/dev/null", OneWord());
        Assert.False(FileKind.IsRegular(new FileInfo("/dev/null")));
    }

    [Fact]
    public void The_check_leaves_nothing_behind()
    {
        ResultFile.Check(_folder["out.csv"], []);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    /// <summary>Fails behind the first word, as a disk would that is full by then.</summary>
    private sealed class Failing(IEnumerable<CountedWord> words) : IReadOnlyList<CountedWord>
    {
        public int Count => 2;

        public CountedWord this[int index] => throw new NotSupportedException();

        public IEnumerator<CountedWord> GetEnumerator()
        {
            foreach (CountedWord word in words)
                yield return word;
            throw new NotSupportedException();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

using FsCheck.Fluent;

namespace WordCount.Tests;

public sealed class SplitterTests
{
    private static InputFile File(int number, long length) => new($"/files/{number}", length, 0);

    [Fact]
    public void Every_byte_is_in_exactly_one_part_and_no_part_is_too_big() => Texts.ForAll(
        Gen.Choose(0, 30).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 1_000), n)),
        lengths =>
        {
            InputFile[] files = [.. lengths.Select((length, number) => File(number, length))];
            IReadOnlyList<InputPart> parts = Splitter.Split(files, 100);
            Assert.All(parts, part => Assert.InRange(part.Length, 1, 100));
            Assert.All(parts.SkipLast(1), part => Assert.Equal(100, part.Length));
            Dictionary<string, long> reached = [];
            foreach (FileSlice slice in parts.SelectMany(part => part.Slices))
            {
                Assert.Equal(reached.GetValueOrDefault(slice.File.Path), slice.Offset);
                Assert.True(slice.Length > 0);
                reached[slice.File.Path] = slice.End;
            }

            Assert.Equal(files.Where(f => f.Length > 0).Select(f => (f.Path, f.Length)), reached.Select(r => (r.Key, r.Value)));
        });

    [Fact]
    public void The_files_of_a_part_are_bounded()
    {
        IReadOnlyList<InputPart> parts = Splitter.Split(Enumerable.Range(0, 2 * Splitter.SlicesMax + 1).Select(i => File(i, 10)));
        Assert.Equal([Splitter.SlicesMax, Splitter.SlicesMax, 1], parts.Select(part => part.Slices.Count));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64_000_000, 16)]
    [InlineData(1_000_000_000, 32)]
    [InlineData(1L << 40, (1L << 40) / Splitter.PartBytesMax)]
    public void Parts_are_neither_too_many_nor_too_long(long length, long parts) =>
        Assert.InRange(Splitter.Split([File(1, length)]).Count, parts, parts + 1);

    [Fact]
    public void No_files_give_no_parts() => Assert.Empty(Splitter.Split([]));
}

using System.Text;

namespace WordCount.Tests;

public sealed class LettersTests
{
    private static IEnumerable<Rune> AllRunes =>
        from value in Enumerable.Range(0, 0x110000)
        where Rune.IsValid(value)
        select new Rune(value);

    [Fact]
    public void The_letters_are_those_of_Unicode_folded_by_the_invariant_lower_case()
    {
        foreach (Rune rune in AllRunes)
        {
            Assert.Equal(Rune.IsLetter(rune), Letters.TryFold(rune, out Rune folded));
            if (Rune.IsLetter(rune))
                Assert.Equal(Rune.ToLowerInvariant(rune), folded);
        }
    }

    /// <summary>What makes a folded word recognizable, and the codec able to refuse any other.</summary>
    [Fact]
    public void Folding_gives_letters_that_fold_to_themselves()
    {
        foreach (Rune rune in AllRunes.Where(Rune.IsLetter))
        {
            Assert.True(Letters.TryFold(rune, out Rune folded));
            Assert.True(Letters.TryFold(folded, out Rune again));
            Assert.Equal(folded, again);
            Assert.True(Letters.IsFoldedWord(Encoding.UTF8.GetBytes(folded.ToString())));
        }
    }

    /// <summary>The simple mapping covers all of Unicode although the culture data is left out.</summary>
    [Theory]
    [InlineData("É", "é")]
    [InlineData("Ж", "ж")]
    [InlineData("Σ", "σ")]
    [InlineData("ẞ", "ß")]
    [InlineData("Ⴀ", "ⴀ")]
    [InlineData("Ꙁ", "ꙁ")]
    [InlineData("𐐀", "𐐨")]
    [InlineData("𞤀", "𞤢")]
    [InlineData("İ", "İ")]
    public void Case_is_folded_beyond_Latin(string letter, string folded)
    {
        Assert.True(Letters.TryFold(Rune.GetRuneAt(letter, 0), out Rune lower));
        Assert.Equal(folded, lower.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("É")]
    [InlineData("a1")]
    [InlineData("\u0301")]
    public void Anything_but_folded_letters_is_no_folded_word(string word) =>
        Assert.False(Letters.IsFoldedWord(Encoding.UTF8.GetBytes(word)));
}

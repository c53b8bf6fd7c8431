using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace WordCount.Tests;

/// <summary>
/// Random bytes that are rich in what is hard: letters of all lengths, bytes that are no UTF-8, and words around every limit.
/// </summary>
internal static class Texts
{
    private static readonly byte[][] Pieces =
    [
        .. new[] { "a", "B", "the", "Word", " ", "\n", ", ", "1", "don't", "\0" }.Select(Encoding.UTF8.GetBytes),
        .. new[] { "é", "É", "ß", "ЖЁ", "中文", "𐐀", "𐐨", "\u212A", "İ", "ſ", "Ⅷ", "\u0301", "—", "。", "😀" }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xFF], [0xC3], [0xE2, 0x84], [0xF0, 0x90, 0x90], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC1, 0xBF],
    ];

    private static Gen<byte[]> Piece => Gen.Frequency(
        (20, Gen.Elements(Pieces)),
        (4, Gen.Choose(1, 40).Select(n => Encoding.ASCII.GetBytes(new string('x', n)))),
        (1, Gen.Choose(1000, 1040).Select(n => Encoding.ASCII.GetBytes(new string('L', n)))),
        (1, Gen.Choose(505, 520).Select(n => Encoding.UTF8.GetBytes(new string('É', n)))),
        (2, Gen.Choose(0, 255).Select(b => new[] { (byte)b })));

    public static Gen<byte[]> Any => Gen.Sized(size => Gen.Choose(0, size * 4))
        .SelectMany(n => Gen.ArrayOf(Piece, n))
        .Select(pieces => pieces.SelectMany(p => p).ToArray());

    /// <summary>A text and places to cut it at, which may be anywhere and may repeat.</summary>
    public static Gen<(byte[] Text, int[] Cuts)> WithCuts =>
        from text in Any
        from count in Gen.Choose(0, 8)
        from cuts in Gen.ArrayOf(Gen.Choose(0, text.Length), count)
        select (text, cuts.Order().ToArray());

    public static void ForAll<T>(Gen<T> gen, Action<T> check) =>
        Prop.ForAll(gen.ToArbitrary(), check).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
}

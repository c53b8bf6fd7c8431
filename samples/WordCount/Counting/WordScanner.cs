using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace WordCount;

/// <summary>
/// Counts the words of a stream of bytes that comes in blocks of any size. A word is a maximal run of letters (<see cref="Letters"/>);
/// bytes that are not UTF-8 separate words. One thread at a time.
/// </summary>
/// <remarks>
/// Vector masks find the tokens: maximal runs of ASCII letters and of bytes above 127. A token of up to 16 ASCII letters, as nearly all
/// are, is a word, and is counted packed; one somewhat longer is folded at once; any other goes through <see cref="WordBuilder"/>, as do the bytes at both ends of a block. So
/// a rune or a word across a border is one path, taken once a block, and no byte outside the block is ever read.
/// </remarks>
public sealed class WordScanner(WordTable table)
{
    private const int Step = 64;

    /// <summary>Words of so many bytes are folded at once; there are hardly any longer ones.</summary>
    private const int FoldedAtOnceMax = 64;

    /// <summary>All that can be part of a letter.</summary>
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(b => b >= 0x80 || char.IsAsciiLetter((char)b)).Select(b => (byte)b)]);

    private readonly WordBuilder _builder = new(table);
    private bool _inToken;

    /// <summary>Whether a word that began in the bytes scanned so far may go on in the next.</summary>
    public bool AwaitsMore => _builder.AwaitsMore;

    /// <summary>To be called before the first block if it begins with a word that is counted elsewhere.</summary>
    public void DiscardFirst()
    {
        _builder.DiscardFirst();
        _inToken = true;                                     // so that the word goes through the builder, which knows to discard it
    }

    /// <summary>Counts the words in the next block; one that touches its end stays open.</summary>
    public void Scan(ReadOnlySpan<byte> block)
    {
        if (_inToken)
        {
            int length = block.IndexOfAnyExcept(TokenBytes);
            if (length < 0)
            {
                _builder.Feed(block);
                return;
            }

            CountCarefully(block[..length]);
            _inToken = false;
            block = block[length..];
        }

        ScanEnd(block[ScanVectors(block)..]);
    }

    /// <summary>Ends the open word with what follows, and counts nothing else. True when it has ended, or there was none.</summary>
    public bool ScanRestOfWord(ReadOnlySpan<byte> following) => !AwaitsMore || _builder.FeedToEnd(following);

    /// <summary>The input ends here, and so does the open word. The scanner can then begin anew.</summary>
    public void End()
    {
        _builder.End();
        _inToken = false;
    }

    /// <summary>Counts all tokens that end while a whole vector and a packed word can be read; gives where it stopped: between tokens or
    /// at the start of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int ScanVectors(ReadOnlySpan<byte> block)
    {
        ref byte bytes = ref MemoryMarshal.GetReference(block);
        int start = 0, at = 0;
        ulong open = 0;                                      // 1 while the token that began at start goes on
        // A token of up to 16 bytes that begins in this step is read with 16 bytes, hence the margin.
        for (int last = block.Length - Step - PackedWord.LengthMax; at <= last; at += Step)
        {
            ulong token = TokenMask(ref Unsafe.Add(ref bytes, at));
            ulong edges = token ^ (token << 1 | open);       // where a token starts and where one has just ended
            if (open != 0 && edges != 0)
            {
                CountToken(ref bytes, start, at + BitOperations.TrailingZeroCount(edges));
                edges &= edges - 1;
            }

            open = token >> (Step - 1);
            while (edges != 0)
            {
                start = at + BitOperations.TrailingZeroCount(edges);
                edges &= edges - 1;
                if (edges == 0)
                    break;
                CountToken(ref bytes, start, at + BitOperations.TrailingZeroCount(edges));
                edges &= edges - 1;
            }
        }

        return open != 0 ? start : at;
    }

    /// <summary>The same for the few bytes that are left. A token that reaches the end stays open.</summary>
    private void ScanEnd(ReadOnlySpan<byte> rest)
    {
        for (int start; (start = rest.IndexOfAny(TokenBytes)) >= 0;)
        {
            rest = rest[start..];
            int length = rest.IndexOfAnyExcept(TokenBytes);
            if (length < 0)
            {
                _builder.Feed(rest);
                _inToken = true;
                return;
            }

            CountCarefully(rest[..length]);
            rest = rest[length..];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountToken(ref byte bytes, int start, int end)
    {
        int length = end - start;
        ref byte first = ref Unsafe.Add(ref bytes, start);
        if (length <= PackedWord.LengthMax)
        {
            PackedWord word = PackedWord.Fold(ref first, length);
            if (word.IsAscii)
            {
                table.Add(word);
                return;
            }
        }

        CountUnpacked(MemoryMarshal.CreateReadOnlySpan(ref first, length));
    }

    /// <summary>A token that is too long to be packed, or holds bytes above 127.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountUnpacked(ReadOnlySpan<byte> token)
    {
        // Letters of ASCII alone need no runes; the builder would look at each.
        Span<byte> folded = stackalloc byte[FoldedAtOnceMax];
        if (token.Length <= FoldedAtOnceMax && Ascii.ToLower(token, folded, out int length) == OperationStatus.Done)
            table.Add(folded[..length]);
        else
            CountCarefully(token);
    }

    private void CountCarefully(ReadOnlySpan<byte> token)
    {
        _builder.Feed(token);
        _builder.End();
    }

    /// <summary>A bit for each of 64 bytes, the first lowest: set if it is an ASCII letter or above 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong TokenMask(ref byte bytes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<byte> v = Vector512.LoadUnsafe(ref bytes);
            return (Vector512.LessThan((v | Vector512.Create((byte)0x20)) - Vector512.Create((byte)'a'), Vector512.Create((byte)26)) | v)
                .ExtractMostSignificantBits();
        }

        if (Vector256.IsHardwareAccelerated)
            return Mask(Vector256.LoadUnsafe(ref bytes)) | (ulong)Mask(Vector256.LoadUnsafe(ref bytes, 32)) << 32;
        return Mask(Vector128.LoadUnsafe(ref bytes)) | (ulong)Mask(Vector128.LoadUnsafe(ref bytes, 16)) << 16
            | (ulong)Mask(Vector128.LoadUnsafe(ref bytes, 32)) << 32 | (ulong)Mask(Vector128.LoadUnsafe(ref bytes, 48)) << 48;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mask(Vector256<byte> v) =>
        (Vector256.LessThan((v | Vector256.Create((byte)0x20)) - Vector256.Create((byte)'a'), Vector256.Create((byte)26)) | v)
        .ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mask(Vector128<byte> v) =>
        (Vector128.LessThan((v | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26)) | v)
        .ExtractMostSignificantBits();
}

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace WordCount;

/// <summary>
/// A folded word of 1 to 16 bytes in two integers, first byte lowest, the rest zero. No letter has a zero byte in UTF-8, so words of
/// different lengths differ, and the default value is no word.
/// </summary>
internal readonly struct PackedWord(ulong low, ulong high)
{
    public const int LengthMax = 16;

    public readonly ulong Low = low;
    public readonly ulong High = high;

    /// <summary>1 to 16.</summary>
    public int Length => High == 0
        ? 8 - (BitOperations.LeadingZeroCount(Low) >> 3)
        : 16 - (BitOperations.LeadingZeroCount(High) >> 3);

    public static PackedWord From(ReadOnlySpan<byte> word)
    {
        Span<byte> padded = stackalloc byte[LengthMax];
        padded.Clear();
        word.CopyTo(padded);
        return new(BinaryPrimitives.ReadUInt64LittleEndian(padded), BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]));
    }

    /// <summary>
    /// Packs the letters at <paramref name="first"/>, which are ASCII unless <see cref="IsAscii"/> says otherwise, and folds them.
    /// Reads 16 bytes, however short the word is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PackedWord Fold(ref byte first, int length)
    {
        const ulong lowerCase = 0x2020202020202020;
        ulong low = Unsafe.ReadUnaligned<ulong>(ref first), high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8));
        if (!BitConverter.IsLittleEndian)
            (low, high) = (BinaryPrimitives.ReverseEndianness(low), BinaryPrimitives.ReverseEndianness(high));
        return new(FirstBytes(low | lowerCase, length), FirstBytes(high | lowerCase, length - 8));
    }

    public bool IsAscii => ((Low | High) & 0x8080808080808080) == 0;

    /// <summary>By code point, which is the order of the bytes.</summary>
    public static int Compare(PackedWord x, PackedWord y)
    {
        int byLow = BinaryPrimitives.ReverseEndianness(x.Low).CompareTo(BinaryPrimitives.ReverseEndianness(y.Low));
        return byLow != 0 ? byLow : BinaryPrimitives.ReverseEndianness(x.High).CompareTo(BinaryPrimitives.ReverseEndianness(y.High));
    }

    /// <summary>Writes all 16 bytes; the first <see cref="Length"/> of them are the word.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], High);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstBytes(ulong bytes, int count)
    {
        int bits = Math.Max(count, 0) * 8;
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.ZeroHighBits(bytes, (ulong)bits);
        return bits >= 64 ? bytes : bytes & ((1UL << bits) - 1);
    }
}

using System.Buffers;
using System.Text;

namespace WordCount;

/// <summary>Where a slice really begins, decided from the few bytes around its border.</summary>
/// <param name="Shift">How far from the border the first rune is that is to be scanned: -4 to 3.</param>
/// <param name="InsideWord">Whether scanning begins with a word that began before the border and belongs to the slice before.</param>
public readonly record struct SliceBorder(int Shift, bool InsideWord)
{
    /// <summary>As many bytes on each side of the border decide about it.</summary>
    public const int Reach = 4;

    /// <summary>Decides by up to <see cref="Reach"/> bytes before the border and up to as many after it.</summary>
    /// <remarks>
    /// A sequence that is a valid rune is that rune wherever one begins to read, since its first byte can be in no other. So the last
    /// rune that begins before the border can be found from there, and tells whether the border is inside a word.
    /// </remarks>
    public static SliceBorder Of(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        Span<byte> around = stackalloc byte[2 * Reach];
        before.CopyTo(around);
        after.CopyTo(around[before.Length..]);
        around = around[..(before.Length + after.Length)];
        for (int at = 0; at < before.Length; at++)
        {
            if (Rune.DecodeFromUtf8(around[at..], out Rune rune, out int length) != OperationStatus.Done || at + length < before.Length)
                continue;
            return Letters.TryFold(rune, out _) ? new(at - before.Length, true) : new(at + length - before.Length, false);
        }

        return new(0, false);
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// Says whether two states are the same: in the bytes that the codec writes of them, which are all that a snapshot holds; or, as JSON, but for the order of properties; or by
/// the state's own equality, for states whose codec writes the same thing in several ways (a set in the order of its making). Both are encoded anew, so that it does not count
/// how an older version wrote what both mean.
/// </summary>
internal static class StateComparison
{
    private const int ExcerptLengthMax = 200;

    public static string? Difference<TState>(TState folded, TState stored, MessageCodec<TState> codec)
        where TState : notnull
    {
        var one = Encode(folded, codec);
        var other = Encode(stored, codec);
        if (one.Span.SequenceEqual(other.Span) || IsSameJson(one, other)) return null;
        if (folded is IEquatable<TState> equatable && equatable.Equals(stored)) return null;
        return $"the events add up to {Excerpt(one.Span, other.Span)}, and the snapshot says {Excerpt(other.Span, one.Span)}";
    }

    /// <summary>Compares the timers. In which order they were set counts for nothing.</summary>
    public static string? Difference(TimerSet folded, TimerSet stored)
    {
        var all = folded.All.ToHashSet();
        if (all.SetEquals(stored.All)) return null;
        return $"timers that the events leave set and the snapshot lacks: {Text(all.Except(stored.All))}; that the snapshot has and the events do not: {Text(stored.All.Except(all))}";

        static string Text(IEnumerable<SetTimer> timers)
        {
            var first = timers.OrderBy(timer => timer.Name, StringComparer.Ordinal).Take(5)
                .Select(timer => string.Create(CultureInfo.InvariantCulture, $"'{timer.Name}' due {timer.DueUnixMs}, set by event {timer.SetSequence}"));
            return $"[{string.Join("; ", first)}]";
        }
    }

    private static ReadOnlyMemory<byte> Encode<TState>(TState state, MessageCodec<TState> codec)
        where TState : notnull
    {
        var output = new ArrayBufferWriter<byte>(256);
        codec.Encode(state, output);
        return output.WrittenMemory;
    }

    private static bool IsSameJson(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        try
        {
            using var left = JsonDocument.Parse(one);
            using var right = JsonDocument.Parse(other);
            return JsonElement.DeepEquals(left.RootElement, right.RootElement);
        }
        catch (JsonException)
        {
            // Of another codec: then the bytes have said it.
            return false;
        }
    }

    /// <summary>From shortly before the first byte that differs, as text.</summary>
    private static string Excerpt(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> other)
    {
        int first = Math.Max(0, bytes.CommonPrefixLength(other) - (ExcerptLengthMax / 4));
        // Not in the middle of a character.
        while (first > 0 && (bytes[first] & 0xC0) == 0x80) first--;
        int length = Math.Min(ExcerptLengthMax, bytes.Length - first);
        return $"{(first > 0 ? "..." : "")}{Encoding.UTF8.GetString(bytes.Slice(first, length))}{(first + length < bytes.Length ? "..." : "")}";
    }
}

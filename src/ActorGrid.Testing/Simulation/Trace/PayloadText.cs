using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>What a trace shows of encoded values and of ids: enough to follow them.</summary>
internal static class PayloadText
{
    private const int BytesMax = 120;
    private const int IdTail = 6;

    /// <summary>JSON as it is, other formats by their size.</summary>
    public static string Of(ReadOnlyMemory<byte> payload)
    {
        var bytes = payload.Span;
        if (bytes.IsEmpty) return "";
        if (bytes.IndexOfAnyInRange((byte)0, (byte)31) >= 0) return FormattableString.Invariant($"({bytes.Length} bytes)");
        return bytes.Length <= BytesMax ? Encoding.UTF8.GetString(bytes) : $"{Encoding.UTF8.GetString(bytes[..BytesMax])}...";
    }

    /// <summary>The end of an id, which tells it from others; its beginning is the time.</summary>
    public static string Of(CommandId id) => $"..{id.ToString()[^IdTail..]}";

    /// <summary>An answer to a caller.</summary>
    public static string Of(object value)
    {
        string text = value is System.Collections.IEnumerable many and not string ? $"[{string.Join(", ", many.Cast<object>().Take(IdTail * 2))}]" : $"{value}";
        return text.Length <= 2 * BytesMax ? text : $"{text.AsSpan(0, 2 * BytesMax)}...";
    }
}

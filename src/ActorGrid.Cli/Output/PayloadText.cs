using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>Payloads for people: on one line, and cut where they are long.</summary>
internal static class PayloadText
{
    private const int LengthMax = 2000;

    /// <summary>The text, with what would disturb a terminal in the form U+0007.</summary>
    public static string Of(ReadOnlySpan<byte> payload)
    {
        if (EncryptedPayload.IsEncrypted(payload)) return FormattableString.Invariant($"(encrypted, {payload.Length} bytes)");
        var cut = payload[..Math.Min(payload.Length, LengthMax)];
        return Of(Encoding.UTF8.GetString(cut)) + (cut.Length < payload.Length ? FormattableString.Invariant($"... ({payload.Length} bytes)") : "");
    }

    /// <summary>The same of a text. Keys and causes come from the store, too.</summary>
    public static string Of(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var safe = new StringBuilder();
        foreach (char c in text)
        {
            if (char.IsControl(c)) safe.Append(FormattableString.Invariant($"<U+{(int)c:X4}>"));
            else safe.Append(c);
        }
        return safe.ToString();
    }
}

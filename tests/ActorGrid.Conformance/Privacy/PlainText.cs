using System.Text;

namespace ActorGrid.Conformance;

/// <summary>Looks for a word in bytes: as it is, and in the forms in which stores and codecs write bytes as text.</summary>
public static class PlainText
{
    public static bool Holds(ReadOnlySpan<byte> bytes, string word)
    {
        byte[] plain = Encoding.UTF8.GetBytes(word);
        if (bytes.IndexOf(plain) >= 0) return true;
        string hex = Convert.ToHexString(plain);
        if (bytes.IndexOf(Encoding.ASCII.GetBytes(hex)) >= 0 || bytes.IndexOf(Encoding.ASCII.GetBytes(hex.ToLowerInvariant())) >= 0) return true;
        for (int skipped = 0; skipped < 3; skipped++)
        {
            // As base64 it looks different at each of three places; what lies wholly inside is always the same.
            var whole = plain.AsSpan(skipped, (plain.Length - skipped) / 3 * 3);
            if (bytes.IndexOf(Encoding.ASCII.GetBytes(Convert.ToBase64String(whole))) >= 0) return true;
        }
        return false;
    }
}

namespace ActorGrid.Persistence;

/// <summary>The form of an encrypted payload in the store.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>0–6</term><description>the mark, <c>00 41 47 73 65 61 6C</c>: no JSON and no text begins so</description></item>
/// <item><term>7</term><description>the version of the form, now 1</description></item>
/// <item><term>8–15</term><description>the name of the key, derived from it: tells a wrong key from a changed row</description></item>
/// <item><term>16–27</term><description>the nonce</description></item>
/// <item><term>28–43</term><description>the tag</description></item>
/// <item><term>44–</term><description>the payload, encrypted</description></item>
/// </list>
/// </remarks>
public static class EncryptedPayload
{
    internal const byte Version = 1;

    internal const int VersionAt = 7, KeyNameAt = 8, KeyNameBytes = 8, NonceAt = 16, NonceBytes = 12, TagAt = 28, TagBytes = 16;

    /// <summary>How many bytes an encrypted payload has more than the payload itself: 44.</summary>
    public const int OverheadBytes = TagAt + TagBytes;

    internal static ReadOnlySpan<byte> Mark => [0x00, (byte)'A', (byte)'G', (byte)'s', (byte)'e', (byte)'a', (byte)'l'];

    /// <summary>Whether a stored payload of an event, a snapshot, a reply, a timer or an attachment is encrypted. For programs that read a journal on their own.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> payload) => payload.StartsWith(Mark);
}

using System.Buffers;
using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.PostgreSql;

/// <summary>What the server cannot keep, found before it is sent: it would fail all that goes in the same transaction.</summary>
internal static class Storable
{
    /// <summary>More than this in one append passes what the server takes in one message.</summary>
    private const long AppendBytesMax = 768 << 20;

    /// <summary>Why an append cannot be stored, or null.</summary>
    public static StoreException? FaultOf(ShardAppend append, long bytes)
    {
        if (bytes > AppendBytesMax) return Fault($"The append to {append.Shard} has {bytes:N0} bytes; PostgreSQL takes {AppendBytesMax:N0} at most. Append less at once.");
        string? manifest = null;
        foreach (var e in append.Events)
        {
            if (!IsText(e.Entity.Key)) return Fault("key of an entity", e.Entity.Key);
            // One manifest is mostly the same object as the last.
            if (!ReferenceEquals(manifest, e.Manifest) && !IsText(manifest = e.Manifest)) return Fault("manifest of an event", e.Manifest);
        }
        foreach (var reply in append.Replies)
        {
            if (!IsText(reply.Entity.Key)) return Fault("key of an entity", reply.Entity.Key);
        }
        foreach (var change in append.Timers)
        {
            if (!IsText(change.Entity.Key)) return Fault("key of an entity", change.Entity.Key);
            if (!IsText(change.Name)) return Fault("name of a timer", change.Name);
            if (change.Timer is { } timer && !IsText(timer.Manifest)) return Fault("manifest of a timer", timer.Manifest);
        }
        foreach (var change in append.Attachments)
        {
            if (!IsText(change.Entity.Key)) return Fault("key of an entity", change.Entity.Key);
            if (!IsText(change.Name)) return Fault("name of an attachment", change.Name);
        }
        return null;
    }

    /// <summary>Whether the server takes it for text: well-formed, and without U+0000.</summary>
    public static bool IsText(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0')) return false;
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF')) return true;
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out int consumed) != OperationStatus.Done) return false;
            text = text[consumed..];
        }
        return true;
    }

    private static StoreException Fault(string what, string text) => Fault($"The {what}, '{text.Replace('\0', '\uFFFD')}', holds U+0000 or half a surrogate pair, which PostgreSQL does not keep.");

    private static StoreException Fault(string message) => new(message, isTransient: false);
}

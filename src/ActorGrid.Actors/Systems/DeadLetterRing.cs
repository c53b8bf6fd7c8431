namespace ActorGrid.Actors;

/// <summary>One message that reached no one, as <see cref="DeadLetters.Recent"/> remembers it.</summary>
/// <param name="At">When, by the system's clock.</param>
/// <param name="MessageType">The full name of the message's type; "null" for none.</param>
/// <param name="Target">The path of the actor that it was for.</param>
/// <param name="Reason">Why it was not delivered.</param>
public sealed record DeadLetterEntry(DateTimeOffset At, string MessageType, string Target, DeadLetterReason Reason);

/// <summary>The last dead letters, a bounded number of them. It remembers what kind of message each was, not the message, which may be large and is of no more use. Thread-safe.</summary>
internal sealed class DeadLetterRing(int capacity)
{
    private readonly Lock _changing = new();
    private Entry[] _ring = [];
    private long _added;

    public void Add(DateTimeOffset at, Type? messageType, string target, DeadLetterReason reason)
    {
        if (capacity == 0) return;
        lock (_changing)
        {
            // Most systems have none to speak of.
            if (_added >= _ring.Length && _ring.Length < capacity) Array.Resize(ref _ring, Math.Min(capacity, Math.Max(16, _ring.Length * 2)));
            _ring[_added++ % _ring.Length] = new Entry(at, messageType, target, reason);
        }
    }

    /// <summary>Oldest first.</summary>
    public DeadLetterEntry[] All()
    {
        lock (_changing)
        {
            var all = new DeadLetterEntry[Math.Min(_added, _ring.Length)];
            for (int i = 0; i < all.Length; i++)
            {
                Entry entry = _ring[(_added - all.Length + i) % _ring.Length];
                all[i] = new DeadLetterEntry(entry.At, entry.MessageType?.ToString() ?? "null", entry.Target, entry.Reason);
            }

            return all;
        }
    }

    private readonly record struct Entry(DateTimeOffset At, Type? MessageType, string Target, DeadLetterReason Reason);
}

namespace ActorGrid.Persistence;

/// <summary>What a key store says of an entity: its key, that there is none yet, or that it was forgotten.</summary>
/// <remarks>Immutable, safe to use from any thread. Its text does not show the key.</remarks>
public sealed class EntityKey
{
    /// <summary>The bytes of a key: 32.</summary>
    public const int SizeInBytes = 32;

    private readonly byte[] _bytes;
    private readonly string _text;

    private EntityKey(byte[] bytes, string text)
    {
        _bytes = bytes;
        _text = text;
    }

    /// <summary>The entity has no key yet.</summary>
    public static EntityKey None { get; } = new([], "none");

    /// <summary>The entity had a key that was destroyed, for good: what was written under it can never be read again.</summary>
    public static EntityKey Forgotten { get; } = new([], "forgotten");

    /// <summary>A key.</summary>
    /// <param name="bytes">32 bytes from a source of chance for cryptography, such as <c>RandomNumberGenerator.GetBytes(32)</c>. They are copied.</param>
    /// <exception cref="ArgumentException">There are more or fewer, or all are zero: most likely the key was erased, and the answer is <see cref="Forgotten"/>.</exception>
    public static EntityKey Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException($"The key of an entity has {SizeInBytes} bytes, and not {bytes.Length}.", nameof(bytes));
        if (!bytes.ContainsAnyExcept((byte)0)) throw new ArgumentException($"All bytes of the key are zero. If it was erased, answer {nameof(EntityKey)}.{nameof(Forgotten)}.", nameof(bytes));
        return new EntityKey(bytes.ToArray(), "a key");
    }

    internal bool IsKey => _bytes.Length > 0;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Which of the three it is.</summary>
    public override string ToString() => _text;
}

namespace ActorGrid.Persistence;

/// <summary>The address of an entity, wherever it lives: the name of its type and its own key.</summary>
/// <remarks>Compared by ordinal equality. Make one with <see cref="Create"/>, which checks the limits.</remarks>
/// <param name="Type">The name that the entity type was registered under, for example <c>account</c>.</param>
/// <param name="Key">Which one of that type, for example <c>alice</c>.</param>
public readonly record struct EntityId(string Type, string Key)
{
    /// <summary>The most characters that the name of an entity type may have.</summary>
    public const int TypeLengthMax = 64;

    /// <summary>The most characters that a key may have.</summary>
    public const int KeyLengthMax = 256;

    /// <summary>Makes an address.</summary>
    /// <param name="type">1 to 64 characters: lower-case ASCII letters, digits, <c>-</c>, <c>.</c> and <c>_</c>.</param>
    /// <param name="key">1 to 256 characters, well-formed UTF-16, no control characters.</param>
    /// <exception cref="ArgumentException">A part is empty, too long or holds a character that is not allowed.</exception>
    public static EntityId Create(string type, string key)
    {
        CheckType(type);
        CheckKey(key);
        return new EntityId(type, key);
    }

    /// <summary>Checks the name of an entity type.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long or holds a character that is not allowed.</exception>
    public static void CheckType(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        if (!IsName(type))
        {
            throw new ArgumentException(
                $"'{type}' is not the name of an entity type: use 1 to {TypeLengthMax} lower-case letters, digits, '-', '.' or '_'.", nameof(type));
        }
    }

    /// <summary>Whether a text may name an entity type, or what is named by the same rule.</summary>
    internal static bool IsName(string? text) => text is { Length: >= 1 and <= TypeLengthMax } && !text.AsSpan().ContainsAnyExcept(TypeCharacters);

    /// <summary>Checks the key of an entity.</summary>
    /// <exception cref="ArgumentException">The key is empty, too long or holds a character that is not allowed.</exception>
    public static void CheckKey(string key)
    {
        if (FaultOfKey(key) is { } fault) throw new ArgumentException(fault, nameof(key));
    }

    /// <summary>Why a text cannot be the key of an entity; null if it can.</summary>
    internal static string? FaultOfKey(string? key) => key switch
    {
        null or "" => "The key of an entity must not be empty.",
        { Length: > KeyLengthMax } => $"The key '{key[..40]}...' has {key.Length} characters; at most {KeyLengthMax} are allowed.",
        _ => FaultyCharacter(key),
    };

    private static string? FaultyCharacter(string key)
    {
        for (int i = 0; i < key.Length; i++)
        {
            char c = key[i];
            bool pair = char.IsHighSurrogate(c) && i + 1 < key.Length && char.IsLowSurrogate(key[i + 1]);
            if (char.IsControl(c) || (char.IsSurrogate(c) && !pair))
            {
                return $"The key of an entity holds U+{(int)c:X4} at index {i}, a control character or half a surrogate pair.";
            }
            if (pair) i++;
        }
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type}/{Key}";

    private static readonly System.Buffers.SearchValues<char> TypeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._");
}

using System.Collections.Frozen;

namespace ActorGrid.Actors;

/// <summary>
/// A closed set of codecs, found by manifest or by message type. What is not in it cannot be sent, stored or read:
/// a hostile or mistaken manifest finds nothing.
/// </summary>
/// <remarks>Immutable, safe to use from any thread.</remarks>
public sealed class CodecRegistry
{
    private readonly FrozenDictionary<string, MessageCodec> _byManifest;
    private readonly FrozenDictionary<Type, MessageCodec> _byType;

    /// <summary>Makes the registry.</summary>
    /// <param name="codecs">The codecs; manifests and message types must be unique among them.</param>
    /// <exception cref="ArgumentException">Two codecs share a manifest or a message type; the message names them.</exception>
    public CodecRegistry(IEnumerable<MessageCodec> codecs)
    {
        var byManifest = new Dictionary<string, MessageCodec>(StringComparer.Ordinal);
        var byType = new Dictionary<Type, MessageCodec>();
        foreach (var codec in codecs)
        {
            if (!byManifest.TryAdd(codec.Manifest, codec))
            {
                throw new ArgumentException(
                    $"The manifest '{codec.Manifest}' is used for both {byManifest[codec.Manifest].MessageType} and {codec.MessageType}: give one of them another name.",
                    nameof(codecs));
            }
            if (!byType.TryAdd(codec.MessageType, codec))
            {
                throw new ArgumentException(
                    $"{codec.MessageType} has two manifests, '{byType[codec.MessageType].Manifest}' and '{codec.Manifest}': keep one.", nameof(codecs));
            }
        }
        _byManifest = byManifest.ToFrozenDictionary(StringComparer.Ordinal);
        _byType = byType.ToFrozenDictionary();
    }

    /// <summary>The manifests in the registry, in no stated order.</summary>
    public IReadOnlyCollection<string> Manifests => _byManifest.Keys;

    /// <summary>The codec of a manifest, or null.</summary>
    public MessageCodec? Find(string manifest) => _byManifest.GetValueOrDefault(manifest);

    /// <summary>The codec of exactly this message type, or null.</summary>
    public MessageCodec? Find(Type messageType) => _byType.GetValueOrDefault(messageType);
}

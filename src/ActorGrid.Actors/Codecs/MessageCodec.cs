using System.Buffers;

namespace ActorGrid.Actors;

/// <summary>
/// Turns messages of one type into bytes and back, under a manifest: the stable name that stands for the type on the wire and on disk.
/// A CLR type name never leaves the process, so a type can be renamed freely while its manifest stays.
/// </summary>
/// <remarks>Instances are immutable and safe to use from any thread.</remarks>
public abstract class MessageCodec
{
    /// <summary>The most characters that a manifest may have.</summary>
    public const int ManifestLengthMax = 200;

    private protected MessageCodec(string manifest, Type messageType)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(manifest);
        if (manifest.Length > ManifestLengthMax)
        {
            throw new ArgumentException(
                $"The manifest '{manifest[..40]}...' of {messageType} has {manifest.Length} characters; at most {ManifestLengthMax} are allowed.",
                nameof(manifest));
        }
        Manifest = manifest;
        MessageType = messageType;
    }

    /// <summary>The stable name of the message type, 1 to 200 characters.</summary>
    public string Manifest { get; }

    /// <summary>The type that is encoded and decoded.</summary>
    public Type MessageType { get; }

    /// <summary>Writes a message, whose type must be <see cref="MessageType"/> or derived from it.</summary>
    /// <exception cref="InvalidCastException">The message is of another type.</exception>
    public abstract void EncodeObject(object message, IBufferWriter<byte> output);

    /// <summary>Reads a message back.</summary>
    /// <exception cref="CodecException">The bytes are not a message of this codec.</exception>
    public abstract object DecodeObject(ReadOnlySpan<byte> payload);
}

/// <summary>The codec of messages of type <typeparamref name="T"/>. Derive from it to bring a format of one's own.</summary>
/// <typeparam name="T">The message type.</typeparam>
/// <param name="manifest">The stable name of the type, 1 to 200 characters.</param>
public abstract class MessageCodec<T>(string manifest) : MessageCodec(manifest, typeof(T))
    where T : notnull
{
    /// <summary>Writes a message.</summary>
    public abstract void Encode(T message, IBufferWriter<byte> output);

    /// <summary>Reads a message back. The span is valid during the call only.</summary>
    /// <exception cref="CodecException">The bytes are not a message of this codec.</exception>
    public abstract T Decode(ReadOnlySpan<byte> payload);

    /// <inheritdoc/>
    public sealed override void EncodeObject(object message, IBufferWriter<byte> output) => Encode((T)message, output);

    /// <inheritdoc/>
    public sealed override object DecodeObject(ReadOnlySpan<byte> payload) => Decode(payload);
}

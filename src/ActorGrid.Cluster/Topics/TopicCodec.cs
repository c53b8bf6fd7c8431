using System.Collections.Frozen;
using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>What nodes tell each other of topics.</summary>
internal abstract record TopicMessage;

/// <summary>The topics that the sender is subscribed to, all of them.</summary>
internal sealed record TopicsWanted(FrozenSet<string> Topics) : TopicMessage;

/// <summary>A message that was published.</summary>
internal sealed record TopicPublished(string Topic, string Manifest, ReadOnlyMemory<byte> Payload) : TopicMessage;

/// <summary>The bytes of what nodes tell each other of topics, which ride in a <see cref="ServiceSent"/>.</summary>
internal static class TopicCodec
{
    private const int NameBytesMax = ITopics.NameLengthMax * 3;
    private const int ManifestBytesMax = MessageCodec.ManifestLengthMax * 3;
    private const byte Wanted = 1, Published = 2;

    public static byte[] Encode(IReadOnlyCollection<string> topics)
    {
        byte[] bytes = new byte[1 + sizeof(int) + topics.Sum(topic => sizeof(ushort) + (topic.Length * 3))];
        var writer = new WireWriter(bytes);
        writer.Byte(Wanted);
        writer.Int32(topics.Count);
        foreach (string topic in topics) writer.Text(topic, NameBytesMax);
        return bytes[..writer.Written];
    }

    public static int PublishedBytesMax(string topic, string manifest, int payloadLength) => 16 + ((topic.Length + manifest.Length) * 3) + payloadLength;

    public static int Encode(string topic, string manifest, ReadOnlySpan<byte> payload, Span<byte> output)
    {
        var writer = new WireWriter(output);
        writer.Byte(Published);
        writer.Text(topic, NameBytesMax);
        writer.Text(manifest, ManifestBytesMax);
        writer.Payload(payload);
        return writer.Written;
    }

    /// <summary>Reads a message, which keeps <paramref name="bytes"/>.</summary>
    /// <exception cref="CodecException">They are not a message of this version.</exception>
    public static TopicMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new WireReader(bytes.Span);
        TopicMessage message = reader.Byte() switch
        {
            Wanted => ReadWanted(ref reader),
            Published => ReadPublished(ref reader, bytes),
            byte kind => throw new CodecException($"There is no message {kind} of topics."),
        };
        return reader.IsAtEnd ? message : throw new CodecException($"A {message.GetType().Name} is longer than it says.");
    }

    private static TopicsWanted ReadWanted(ref WireReader reader)
    {
        int count = reader.Count();
        if (count > ITopics.TopicsPerNodeMax) throw new CodecException($"A node wants {count} topics; at most {ITopics.TopicsPerNodeMax} are allowed.");
        var topics = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++) topics.Add(reader.Text(NameBytesMax));
        return new TopicsWanted(topics.ToFrozenSet(StringComparer.Ordinal));
    }

    private static TopicPublished ReadPublished(ref WireReader reader, ReadOnlyMemory<byte> bytes)
    {
        string topic = reader.Name(NameBytesMax), manifest = reader.Name(ManifestBytesMax);
        int length = reader.Payload().Length;
        return new TopicPublished(topic, manifest, bytes[^length..]);
    }
}

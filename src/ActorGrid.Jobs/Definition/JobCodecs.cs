using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>Finds the codec of each of the four types of a job: one that was given, or JSON by the context.</summary>
internal sealed class JobCodecs(string jobName, JsonSerializerContext json, MessageCodec[] given)
{
    public MessageCodec<T> Require<T>(string role)
        where T : notnull
    {
        var found = given.Where(codec => codec.MessageType == typeof(T)).ToList();
        if (found.Count > 1)
        {
            throw new InvalidOperationException($"The job '{jobName}' was given {found.Count} codecs for {typeof(T)}: keep one.");
        }
        if (found.Count == 1) return (MessageCodec<T>)found[0];
        if (json.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> typeInfo) return new JsonMessageCodec<T>(role, typeInfo);
        throw new InvalidOperationException(
            $"The job '{jobName}' has no codec for its {role}, {typeof(T)}: "
            + $"add [JsonSerializable(typeof({typeof(T).Name}))] to {json.GetType().Name}, or give a MessageCodec<{typeof(T).Name}>.");
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Reads an older version of an event: brings it to the next one, and so on to the first that has a type. It stands under the older manifest, so that
/// reading the newest version is one look-up, as it was before there were versions.</summary>
internal sealed class UpcastingCodec<TEvent>(EventUpcaster upcaster, EventCodec<TEvent> next) : EventCodec<TEvent>(upcaster.From.ToString(), next.EventType)
    where TEvent : class
{
    public override void Encode(TEvent e, IBufferWriter<byte> output) =>
        throw new InvalidOperationException($"'{Manifest}' is an older version of an event: it is read, and never written.");

    public override TEvent Decode(ReadOnlySpan<byte> payload)
    {
        JsonObject json;
        try
        {
            json = JsonNode.Parse(payload) as JsonObject ?? throw new CodecException($"The payload of '{Manifest}' is no JSON object, so it cannot be upcast.");
        }
        catch (JsonException e)
        {
            throw new CodecException($"The payload of '{Manifest}' is not JSON, so it cannot be upcast: {e.Message}", e);
        }
        json = upcaster.Run(json);
        // As bytes between two steps, too: a step gets what it would find in the journal. A number that the step before has set could be read as that type of number alone.
        var output = ScratchBuffer.Rent();
        try
        {
            var writer = JsonWriterCache.Rent(output);
            try
            {
                json.WriteTo(writer);
                writer.Flush();
            }
            finally
            {
                JsonWriterCache.Return(writer);
            }
            return next.Decode(output.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(output);
        }
    }
}

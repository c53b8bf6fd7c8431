using System.Text.Json.Nodes;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>A step from one version of an event to the next, as the entity class declares it.</summary>
/// <param name="From">The version that it takes.</param>
/// <param name="Step">Makes the next version of it.</param>
internal sealed record EventUpcaster(EventVersion From, Func<JsonObject, JsonObject> Step)
{
    /// <summary>The event in its next version.</summary>
    /// <exception cref="CodecException">The step failed.</exception>
    public JsonObject Run(JsonObject json)
    {
        try
        {
            return Step(json) ?? throw new CodecException($"The upcaster of '{From.Name}' from version {From.Version} returned null.");
        }
        catch (Exception e) when (e is not CodecException)
        {
            // It is the user's code, and whatever it throws says that this event cannot be read.
            throw new CodecException($"The upcaster of '{From.Name}' from version {From.Version} threw: {e.Message}", e);
        }
    }
}

namespace ActorGrid.Persistence;

/// <summary>Works out, when an entity type is registered, how each older version of its events is read, and finds what is missing.</summary>
internal static class UpcastChains
{
    /// <summary>The codecs that read the versions without a type.</summary>
    /// <param name="type">The name of the entity type, for errors.</param>
    /// <param name="entity">The entity class, for errors.</param>
    /// <param name="codecs">The codecs of the versions that have a type.</param>
    /// <param name="upcasters">The steps, at most one from each version.</param>
    /// <exception cref="EntityRegistrationException">A version cannot be read, or a step leads nowhere; the message names each.</exception>
    public static IReadOnlyList<EventCodec<TEvent>> Of<TEvent>(
        string type, Type entity, IReadOnlyList<EventCodec<TEvent>> codecs, IReadOnlyList<EventUpcaster> upcasters)
        where TEvent : class
    {
        var faults = codecs.Select(codec => EventVersion.FaultOf(codec.Manifest)).OfType<string>().ToList();
        var typed = codecs.ToDictionary(codec => EventVersion.Of(codec.Manifest));
        var newest = typed.Keys.GroupBy(version => version.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(version => version.Version), StringComparer.Ordinal);
        faults.AddRange(upcasters.Select(upcaster => FaultOf(type, upcaster.From, typed.ContainsKey(upcaster.From), newest)).OfType<string>());

        var steps = upcasters.ToDictionary(upcaster => upcaster.From);
        var older = new List<EventCodec<TEvent>>();
        foreach (var (name, last) in newest)
        {
            var next = typed[new EventVersion(name, last)];
            for (int number = last - 1; number >= 1; number--)
            {
                var version = new EventVersion(name, number);
                if (typed.TryGetValue(version, out var codec)) next = codec;
                else if (steps.TryGetValue(version, out var step)) older.Add(next = new UpcastingCodec<TEvent>(step, next));
                else
                {
                    // One link is named for each event: the others follow from it, or are named when this one is there.
                    faults.Add(
                        $"Version {number} of the event '{name}' of '{type}' cannot be read, but its newest version is {last}: add Upcast(\"{name}\", from: {number}, json => ...) to the "
                        + $"constructor of {entity.Name}, or an event type with the name '{version}'.");
                    break;
                }
            }
        }
        return faults.Count == 0 ? older : throw new EntityRegistrationException(string.Join(Environment.NewLine, faults));
    }

    private static string? FaultOf(string type, EventVersion version, bool isTyped, Dictionary<string, int> newest)
    {
        string step = $"'{type}' has an upcaster of the event '{version.Name}' from version {version.Version}";
        var next = version with { Version = version.Version + 1 };
        if (!newest.TryGetValue(version.Name, out int last)) return $"{step}, but no event of that name: the newest version needs a type with the name '{next}'.";
        if (version.Version >= last) return $"{step}, but the newest version is {last}: name the event type '{next}', or take the upcaster away.";
        return isTyped ? $"{step}, and a type with the name '{version}' as well: keep one of them." : null;
    }
}

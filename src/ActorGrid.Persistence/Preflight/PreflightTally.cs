namespace ActorGrid.Persistence;

/// <summary>Counts what a preflight comes by in the entities of one type. What it holds is bounded by the number of event names, not of events.</summary>
internal sealed class PreflightTally(string name, int examplesMax)
{
    private readonly Dictionary<string, long> _events = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(PreflightFindingKind Kind, string Manifest), Counted> _findings =
        new(Comparer<(PreflightFindingKind Kind, string Manifest)>.Create(
            static (x, y) => x.Kind != y.Kind ? x.Kind.CompareTo(y.Kind) : string.CompareOrdinal(x.Manifest, y.Manifest)));

    public long Entities { get; set; }

    public long Events { get; private set; }

    public long Faults { get; private set; }

    public long Quarantined { get; set; }

    public long Forgotten { get; set; }

    public long Shortened { get; set; }

    public long SnapshotsCompared { get; set; }

    public long SnapshotsNotCompared { get; set; }

    public void Count(string manifest)
    {
        Events++;
        _events[manifest] = _events.GetValueOrDefault(manifest) + 1;
    }

    public void Add(PreflightFindingKind kind, string? manifest, EntityId entity, long sequence, string cause, bool quarantines)
    {
        Faults++;
        var key = (kind, manifest ?? "");
        if (!_findings.TryGetValue(key, out var counted)) _findings.Add(key, counted = new Counted());
        // Those that quarantine stand before the others, and push them out.
        int place = quarantines ? (int)Math.Min(counted.Quarantines, examplesMax) : counted.Examples.Count;
        counted.Count++;
        if (quarantines) counted.Quarantines++;
        if (place >= examplesMax) return;
        counted.Examples.Insert(place, new PreflightExample(entity, sequence, cause, quarantines));
        if (counted.Examples.Count > examplesMax) counted.Examples.RemoveAt(examplesMax);
    }

    public PreflightTypeReport ToReport() => new(
        name, Entities, _events, Quarantined, SnapshotsCompared, SnapshotsNotCompared,
        [.. _findings.Select(f => new PreflightFinding(f.Key.Kind, f.Key.Manifest.Length == 0 ? null : f.Key.Manifest, f.Value.Count, f.Value.Quarantines, f.Value.Examples))])
    {
        ForgottenEntities = Forgotten,
        ShortenedEntities = Shortened,
    };

    private sealed class Counted
    {
        public long Count { get; set; }

        public long Quarantines { get; set; }

        public List<PreflightExample> Examples { get; } = [];
    }
}

using System.Globalization;
using System.Text;

namespace ActorGrid.Persistence;

/// <summary>What a preflight says of the code that it ran, in a word.</summary>
public enum PreflightVerdict
{
    /// <summary>Every entity recovers, every history folds from its first event on (or from its snapshot, if events were removed below that), every other snapshot says what its events add up to, and every reminder can be given.</summary>
    Passed,

    /// <summary>Every entity recovers, but not all is as it was: below a snapshot an event cannot be had, read or applied, a snapshot and its events differ, a reminder cannot be read, or
    /// there are entities of a type that was not given.</summary>
    Doubtful,

    /// <summary>At least one entity would be quarantined, or cannot be read.</summary>
    Failed,

    /// <summary>The journal has no event at all, so nothing was tried: most likely it is not the one that was meant.</summary>
    Empty,
}

/// <summary>What a preflight has found. Immutable; its text is for people.</summary>
/// <param name="Types">The entity types that were looked at, in the order in which they were given.</param>
/// <param name="UnknownTypes">The types of entities in the journal that were not given: nobody could ask these entities.</param>
public sealed record PreflightReport(IReadOnlyList<PreflightTypeReport> Types, IReadOnlyList<string> UnknownTypes)
{
    /// <summary>The verdict.</summary>
    public PreflightVerdict Verdict =>
        Types.Any(type => type.QuarantinedEntities > 0) ? PreflightVerdict.Failed
        : UnknownTypes.Count == 0 && Types.All(type => type.Entities == 0) ? PreflightVerdict.Empty
        : UnknownTypes.Count > 0 || Types.Any(type => type.Findings.Count > 0) ? PreflightVerdict.Doubtful
        : PreflightVerdict.Passed;

    /// <summary>The report as text: a line for each type, each finding and each example.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"Preflight: {Verdict}");
        foreach (var type in Types)
        {
            text.AppendLine().Append(
                CultureInfo.InvariantCulture,
                $"{type.Name}: {type.Entities:N0} entities, {type.EventCount:N0} events; {type.QuarantinedEntities:N0} would be quarantined; "
                + $"{type.SnapshotsCompared:N0} snapshots compared, {type.SnapshotsNotCompared:N0} not");
            if (type.ForgottenEntities > 0) text.Append(CultureInfo.InvariantCulture, $"; {type.ForgottenEntities:N0} forgotten");
            if (type.ShortenedEntities > 0) text.Append(CultureInfo.InvariantCulture, $"; {type.ShortenedEntities:N0} begin with a snapshot, since events were removed");
            foreach (var finding in type.Findings) Append(text, finding);
        }
        if (Verdict == PreflightVerdict.Empty) text.AppendLine().Append("There is no event in this journal, so nothing was tried: is it the one that was meant?");
        foreach (string unknown in UnknownTypes) text.AppendLine().Append(CultureInfo.InvariantCulture, $"{unknown}: no such entity type was given");
        return text.ToString();
    }

    private static void Append(StringBuilder text, PreflightFinding finding)
    {
        string name = finding.Manifest is null ? "" : $" '{finding.Manifest}'";
        text.AppendLine().Append(CultureInfo.InvariantCulture, $"  {finding.Kind}{name}: {finding.Count:N0}, of which {finding.QuarantineCount:N0} quarantine");
        foreach (var example in finding.Examples)
        {
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"    {example.Entity}, event {example.Sequence}{(example.Quarantines ? ", quarantined" : "")}: {example.Cause}");
        }
    }
}

/// <summary>What a preflight has found of one entity type. Immutable.</summary>
/// <param name="Name">The name of the type.</param>
/// <param name="Entities">How many entities there are.</param>
/// <param name="EventsByManifest">How many events could be had of each stored name; those that begin with <c>$</c> are ActorGrid's own.</param>
/// <param name="QuarantinedEntities">How many entities would be quarantined, or cannot be read.</param>
/// <param name="SnapshotsCompared">How many snapshots were compared with what the events up to them add up to.</param>
/// <param name="SnapshotsNotCompared">How many snapshots could not be compared: the events up to them cannot be had, read or applied, or the snapshot cannot be read. There is a finding for each such cause, unless a repair says that the snapshot is not to be used, or events were removed.</param>
/// <param name="Findings">What is wrong, by kind and stored name; empty if nothing is.</param>
public sealed record PreflightTypeReport(
    string Name,
    long Entities,
    IReadOnlyDictionary<string, long> EventsByManifest,
    long QuarantinedEntities,
    long SnapshotsCompared,
    long SnapshotsNotCompared,
    IReadOnlyList<PreflightFinding> Findings)
{
    /// <summary>How many entities were forgotten: their keys were destroyed, so there is nothing to read. They are among <see cref="Entities"/>, and count for no fault.</summary>
    public long ForgottenEntities { get; init; }

    /// <summary>How many entities begin with a snapshot, since events below it were removed (<see cref="EntityOptions.RemoveEventsAfter"/>). They are among <see cref="Entities"/>, and count for no fault; that snapshot cannot
    /// be compared with anything.</summary>
    public long ShortenedEntities { get; init; }

    /// <summary>How many events could be had.</summary>
    public long EventCount => EventsByManifest.Values.Sum();
}

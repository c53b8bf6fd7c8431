using System.Globalization;

namespace ActorGrid.Simulation;

/// <summary>What many seeds have seen. Thread-safe.</summary>
internal sealed class Tally
{
    private readonly Lock _adding = new();
    private readonly List<Coverage> _coverages = [];
    private (int Seed, long Steps) _longest;
    private readonly List<(int Seed, Exception Failure)> _failures = [];

    public int Seeds
    {
        get
        {
            lock (_adding) return _coverages.Count;
        }
    }

    public IReadOnlyList<(int Seed, Exception Failure)> Failures
    {
        get
        {
            lock (_adding) return [.. _failures];
        }
    }

    /// <summary>The seed with the most pieces of work: if it has far more than others, something goes round in circles.</summary>
    public int LongestSeed
    {
        get
        {
            lock (_adding) return _longest.Seed;
        }
    }

    public void Add(int seed, Coverage coverage, Exception? failure)
    {
        lock (_adding)
        {
            _coverages.Add(coverage);
            if (coverage.Steps > _longest.Steps) _longest = (seed, coverage.Steps);
            if (failure is not null) _failures.Add((seed, failure));
        }
    }

    /// <summary>A row for each figure: mean, least, median, most, and how many seeds have none of it.</summary>
    public IEnumerable<string[]> Rows()
    {
        lock (_adding)
        {
            return
            [
                Row("asks", c => c.Asks),
                Row("acknowledged writes", c => c.Acknowledged),
                Row("writes of unknown outcome", c => c.Unknown),
                Row("results of jobs", c => c.Jobs),
                Row("messages of topics", c => c.Messages),
                Row("activations of singletons", c => c.Activations),
                Row("upgrades of shards", c => c.Upgrades),
                Row("events of subscriptions", c => c.Events),
                Row("events given again", c => c.Repetitions),
                Row("asks of quarantined", c => c.Quarantined),
                Row("repairs", c => c.Repairs),
                Row("events removed", c => c.Removed),
                Row("faults", c => c.Faults),
                Row("hand-offs of shards", c => c.HandOffs),
                Row("takeovers of shards", c => c.TakeOvers),
                Row("members gone", c => c.MembersGone),
                Row("appends fenced off", c => c.FencedOff),
                Row("commits", c => c.Commits),
                Row("views", c => c.Views),
                Row("frames", c => c.Frames),
                Row("pieces of work", c => c.Steps),
                Row("virtual seconds", c => c.Virtual.TotalSeconds),
                Row("seconds to heal", c => c.Healing.TotalSeconds),
            ];
        }
    }

    private string[] Row(string name, Func<Coverage, double> figure)
    {
        double[] values = [.. _coverages.Select(figure).Order()];
        if (values.Length == 0) return [name, "", "", "", "", ""];
        return [name, Text(values.Average()), Text(values[0]), Text(values[values.Length / 2]), Text(values[^1]), values.Count(v => v == 0).ToString(CultureInfo.InvariantCulture)];
    }

    private static string Text(double value) => value.ToString(value < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}

using System.Runtime.InteropServices;

namespace ActorGrid.Sqlite;

/// <summary>
/// Where the events of each entity (or shard) stand in the log, for the part of the log that the tables do not cover yet.
/// The writer adds what it has committed; now and then it moves all of it to a table, sorted, where a thousand events of an entity cost
/// what one would cost if it were inserted by itself.
/// </summary>
/// <remarks>
/// Readers copy from it. A reader copies first and opens its read transaction second: what it copied
/// was committed before, so its transaction sees those events, and it sees the tables with at least what was missing here.
/// </remarks>
/// <param name="gate">That of the <see cref="PendingRuns"/>, which holds it while it adds a commit; its holder may enter it again.</param>
internal sealed class RunIndex(Lock gate)
{
    private readonly Dictionary<long, List<Run>> _runs = [];

    /// <summary>How many runs there are: what moving them will cost.</summary>
    public int Count { get; private set; }

    public void Add(long key, long number, long position)
    {
        lock (gate)
        {
            ref var runs = ref CollectionsMarshal.GetValueRefOrAddDefault(_runs, key, out _);
            runs ??= [];
            if (runs.Count > 0 && runs[^1].IsFollowedBy(number, position))
            {
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
                return;
            }
            runs.Add(new Run(number, position, 1));
            Count++;
        }
    }

    /// <summary>The last number of a key, or 0 if it has none here.</summary>
    public long LastOf(long key)
    {
        lock (gate) return _runs.TryGetValue(key, out var runs) ? runs[^1].Last : 0;
    }

    /// <summary>The runs of a key from after a number on.</summary>
    public Run[] Copy(long key, long after)
    {
        lock (gate)
        {
            if (!_runs.TryGetValue(key, out var runs)) return [];
            int first = runs.Count;
            while (first > 0 && runs[first - 1].Last > after) first--;
            return CollectionsMarshal.AsSpan(runs)[first..].ToArray();
        }
    }

    /// <summary>All runs by key and number. For the writer's thread within a transaction that has caught up: nothing is committed meanwhile that could be added.</summary>
    public IEnumerable<(long Key, Run Run)> InOrder()
    {
        long[] keys = [.. _runs.Keys];
        Array.Sort(keys);
        foreach (long key in keys)
        {
            foreach (var run in _runs[key]) yield return (key, run);
        }
    }

    /// <summary>Forgets what stands at positions up to this one.</summary>
    public void RemoveUpTo(long position)
    {
        lock (gate)
        {
            Count = 0;
            foreach (var (key, runs) in _runs)
            {
                int gone = 0;
                while (gone < runs.Count && runs[gone].LastPosition <= position) gone++;
                runs.RemoveRange(0, gone);
                if (runs.Count == 0)
                {
                    _runs.Remove(key);
                    continue;
                }
                runs[0] = runs[0].After(runs[0].First - 1 + Math.Max(0, position + 1 - runs[0].Position));
                Count += runs.Count;
            }
        }
    }
}

using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>
/// What the callers know of a ledger, held against itself at each answer: no write twice, no read older than what was acknowledged to anyone before it was asked,
/// nothing seen that is gone later.
/// </summary>
internal sealed class LedgerHistory(EntityId entity)
{
    private readonly HashSet<int> _sent = [];
    private readonly HashSet<int> _notWritten = [];
    private readonly Dictionary<int, int> _places = [];
    private readonly List<int> _expectedLater = [];
    private int[] _longest = [];

    public EntityId Entity => entity;

    /// <summary>How many numbers are there at least: as many as any answer so far has told of.</summary>
    public int Known { get; private set; }

    /// <summary>How many writes were acknowledged.</summary>
    public int Acknowledged => _places.Count;

    public void Sent(int number) => _sent.Add(number);

    /// <summary>A number was to be added later, and that was acknowledged.</summary>
    public void Reminded(int number) => _expectedLater.Add(number);

    /// <summary>A write has failed with an outcome that says that nothing was written.</summary>
    public void NotWritten(int number) => _notWritten.Add(number);

    /// <summary>A write was acknowledged.</summary>
    /// <param name="number">What was written.</param>
    /// <param name="place">At which place.</param>
    /// <param name="knownBefore"><see cref="Known"/> when it was first sent.</param>
    public void Acknowledge(int number, int place, int knownBefore)
    {
        if (place <= knownBefore) Broken($"{number} was written at place {place}, and {knownBefore} numbers were known before it was sent");
        if (!_places.TryAdd(number, place) && _places[number] != place) Broken($"{number} was acknowledged at the places {_places[number]} and {place}");
        if (place <= _longest.Length && _longest[place - 1] != number) Broken($"{number} was acknowledged at place {place}, where {_longest[place - 1]} was read");
        Known = Math.Max(Known, place);
    }

    /// <summary>The numbers were counted.</summary>
    public void Counted(int count, int knownBefore)
    {
        if (count < knownBefore) Broken($"a stale read: {count} numbers, and {knownBefore} were known before it was asked");
        Known = Math.Max(Known, count);
    }

    /// <summary>The numbers were read.</summary>
    public void Listed(int[] numbers, int knownBefore)
    {
        Counted(numbers.Length, knownBefore);
        int same = Math.Min(numbers.Length, _longest.Length);
        if (!numbers.AsSpan(0, same).SequenceEqual(_longest.AsSpan(0, same)))
            Broken($"two reads contradict each other: [{string.Join(", ", _longest)}] and [{string.Join(", ", numbers)}]");
        if (numbers.Length > _longest.Length) _longest = numbers;
    }

    /// <summary>Holds the final list against all that is known.</summary>
    public void Check(int[] final)
    {
        Listed(final, Known);
        var seen = new HashSet<int>();
        foreach (int number in final)
        {
            if (!seen.Add(number)) Broken($"{number} is there twice: [{string.Join(", ", final)}]");
            if (!_sent.Contains(number)) Broken($"{number} is there, and nobody sent it");
            if (_notWritten.Contains(number)) Broken($"{number} is there, and its sender was told that nothing was written");
        }
        foreach (var (number, place) in _places)
        {
            if (place > final.Length || final[place - 1] != number) Broken($"{number} was acknowledged at place {place} and is not there: [{string.Join(", ", final)}]");
        }
        foreach (int number in _expectedLater)
        {
            if (!seen.Contains(number)) Broken($"{number} was to be added later, and is not there");
        }
    }

    private void Broken(string what) => throw new PromiseBrokenException($"{entity}: {what}.", entity: entity);
}

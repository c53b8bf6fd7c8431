namespace ActorGrid.Testing;

/// <summary>
/// How often which fault befalls a simulated grid by chance. The first group are faults in a minute of virtual time, over the whole grid; the second are
/// probabilities for each call of the store, from 0 to 1. Everything is 0 by default. Immutable.
/// </summary>
public sealed record SimulationFaults
{
    /// <summary>No faults.</summary>
    public static SimulationFaults None { get; } = new();

    /// <summary>Some of everything: a fault every second or so.</summary>
    public static SimulationFaults All { get; } = new()
    {
        Kills = 8,
        MachineLosses = 3,
        Leaves = 3,
        RestartsOfAll = 1,
        Pauses = 8,
        Suspensions = 3,
        ClockJumps = 4,
        Drifts = 3,
        Partitions = 8,
        OneWayPartitions = 5,
        LinkResets = 8,
        RefusedAddresses = 3,
        StoreOutages = 3,
        StoreOutagesOfOne = 4,
        StoreBursts = 5,
        StepStops = 8,
        StoreRefused = 0.002,
        StoreRequestsLost = 0.002,
        StoreAnswersLost = 0.003,
        StoreLateCommits = 0.003,
        StoreSlow = 0.005,
    };

    /// <summary>A process dies; its machine refuses at its address. It starts again within a few seconds.</summary>
    public double Kills { get; init; }

    /// <summary>A machine is gone from the network without a word, with its process. It starts again within some seconds.</summary>
    public double MachineLosses { get; init; }

    /// <summary>A node leaves in order, and comes back.</summary>
    public double Leaves { get; init; }

    /// <summary>All nodes die at once, and start again.</summary>
    public double RestartsOfAll { get; init; }

    /// <summary>A process stands still for up to some seconds, as in a long collection of garbage; its clocks go on.</summary>
    public double Pauses { get; init; }

    /// <summary>A machine is suspended for up to some seconds: it is gone from the network, and its monotonic clock stands still.</summary>
    public double Suspensions { get; init; }

    /// <summary>The time of day of a machine jumps, forth or back, and stays within 20 seconds of the right one.</summary>
    public double ClockJumps { get; init; }

    /// <summary>The clocks of a machine begin to run fast or slow, by up to 2 percent.</summary>
    public double Drifts { get; init; }

    /// <summary>Some machines cannot be reached by the others for up to some seconds, nor the others by them: one, a half of all, or a pair from each other.</summary>
    public double Partitions { get; init; }

    /// <summary>The same in one direction only.</summary>
    public double OneWayPartitions { get; init; }

    /// <summary>The links between two machines break; they can be made anew.</summary>
    public double LinkResets { get; init; }

    /// <summary>An address refuses for a while although its node lives.</summary>
    public double RefusedAddresses { get; init; }

    /// <summary>The store believes for a while that a node has gone although it lives. Together with <see cref="RefusedAddresses"/> these would be two false
    /// witnesses, against which no grid can stand: they never befall the same grid.</summary>
    public double LostSessions { get; init; }

    /// <summary>Nobody reaches the store for up to some seconds.</summary>
    public double StoreOutages { get; init; }

    /// <summary>One machine does not reach the store for up to some seconds.</summary>
    public double StoreOutagesOfOne { get; init; }

    /// <summary>For some seconds a tenth of all calls of the store goes wrong, in one of the ways below.</summary>
    public double StoreBursts { get; init; }

    /// <summary>A node is killed, paused or cut off right after a step of its work: a write of the view, a raised fence, an append, a renewed lease, a frame.</summary>
    public double StepStops { get; init; }

    /// <summary>A call is not performed, and its caller told so.</summary>
    public double StoreRefused { get; init; }

    /// <summary>A call is not performed, and its caller learns nothing but that the connection broke.</summary>
    public double StoreRequestsLost { get; init; }

    /// <summary>A call is performed, and its caller learns nothing but that the connection broke.</summary>
    public double StoreAnswersLost { get; init; }

    /// <summary>A caller learns that the connection broke, and the call is performed later: after somebody's next read, or seconds later.</summary>
    public double StoreLateCommits { get; init; }

    /// <summary>A call takes up to seconds.</summary>
    public double StoreSlow { get; init; }

    internal StoreFaultRates StoreRates => new()
    {
        Refused = StoreRefused,
        RequestLost = StoreRequestsLost,
        AnswerLost = StoreAnswersLost,
        PerformedLate = StoreLateCommits,
        Slow = StoreSlow,
    };
}

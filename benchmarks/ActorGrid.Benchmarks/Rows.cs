using System.Diagnostics;

namespace ActorGrid.Benchmarks;

/// <summary>Plain throughput loops: each row is run once to warm up and then several times, and printed as median [min .. max].</summary>
internal sealed class Rows(string filter, int runs)
{
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(120);

    /// <summary>Whether a row of this name is to be measured: for rows whose preparation takes long.</summary>
    public bool Wants(string name) => name.Contains(filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Measures how many operations are done in a second.</summary>
    public void Rate(string name, string unit, double perUnit, long operations, Action<long> run) =>
        Figure(name, unit, () =>
        {
            long start = Stopwatch.GetTimestamp();
            run(operations);
            return operations / Stopwatch.GetElapsedTime(start).TotalSeconds / perUnit;
        });

    /// <summary>Measures a figure that <paramref name="measure"/> returns.</summary>
    public void Figure(string name, string unit, Func<double> measure)
    {
        if (!Wants(name)) return;
        var figures = new List<double>();
        for (int i = -2; i < runs; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var watchdog = new Timer(_ => Environment.FailFast($"{name} hangs"), null, HangsAfter, Timeout.InfiniteTimeSpan);
            double figure = measure();
            if (i >= 0) figures.Add(figure);
        }

        figures.Sort();
        Console.WriteLine($"{name,-60} {Text(figures[figures.Count / 2]),10} [{Text(figures[0])} .. {Text(figures[^1])}] {unit}  n={figures.Count}");
    }

    private static string Text(double figure) => figure >= 1000 ? figure.ToString("N0") : figure >= 100 ? figure.ToString("F0") : figure.ToString("F2");
}

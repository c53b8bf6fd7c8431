using System.Globalization;
using SampleNodes;
using Spectre.Console;

namespace Sessions;

/// <summary>Shows a load while it runs: a table that is drawn anew in a terminal, a line at a time where the output goes
/// elsewhere.</summary>
/// <param name="console">The terminal or what stands in for it.</param>
/// <param name="options">The load.</param>
/// <param name="progress">Its progress.</param>
/// <param name="every">The time between two readings.</param>
/// <param name="time">The clock.</param>
/// <param name="nodes">The nodes, which are shown beside it.</param>
internal sealed class LoadScreen(
    IAnsiConsole console, LoadOptions options, LoadProgress progress, TimeSpan every, TimeProvider time, NodesView nodes)
{
    private readonly long _start = time.GetTimestamp();
    private LoadReading _reading = LoadReading.Start;

    /// <summary>Shows the load until it ends, however it ends; awaiting the load itself is left to the caller.</summary>
    public async Task ShowAsync(Task load)
    {
        if (console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal)
        {
            await console.Live(Screen()).StartAsync(live => ReadAsync(load, () => live.UpdateTarget(Screen())));
        }
        else
        {
            await ReadAsync(load, () => console.Profile.Out.Writer.WriteLine(_reading.ToLine()));
        }
        console.Profile.Out.Writer.WriteLine(_reading.Next(progress, time.GetElapsedTime(_start)).ToSummary());
    }

    private async Task ReadAsync(Task load, Action show)
    {
        while (await Task.WhenAny(load, Task.Delay(every, time)) != load)
        {
            _reading = _reading.Next(progress, time.GetElapsedTime(_start));
            show();
        }
    }

    private Rows Screen() => new(Table(), nodes.Table);

    private Table Table()
    {
        string aim = options.Rate > 0
            ? Number(options.Rate) + "/s wanted, latency from when an event was due"
            : "as fast as it goes, latency from the sending";
        var title = $"{_reading.At.TotalSeconds:f0} of {options.Duration.TotalSeconds:f0} s, {Number(options.Sessions)} sessions, {aim}";
        var table = new Table { Title = new TableTitle(title), Border = TableBorder.Rounded };
        table.AddColumns("", "events/s", "p50", "p90", "p99", "p99.9", "max");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned().Width(10);
        AddRow(table, "recent", _reading.PerSecond, _reading.Recent);
        AddRow(table, "overall", _reading.MeanPerSecond, _reading.All);
        table.Caption = new TableTitle(
            $"{Number(_reading.Acknowledged)} acknowledged, {_reading.Outstanding} outstanding, {_reading.Unanswered} unanswered"
            + (options.Rate > 0 ? $", {LoadReading.Text(_reading.Behind)} behind" : "")
            + (_reading.LastFailure is null ? "" : $"\nlast failure: {Markup.Escape(_reading.LastFailure)}"));
        return table;
    }

    private static void AddRow(Table table, string name, double perSecond, Latencies l) => table.AddRow(
        name, Number(perSecond), LoadReading.Text(l, 50), LoadReading.Text(l, 90), LoadReading.Text(l, 99),
        LoadReading.Text(l, 99.9), LoadReading.Text(l, 100));

    private static string Number(double value) => value.ToString("n0", CultureInfo.InvariantCulture);
}

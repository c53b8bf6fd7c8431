using Spectre.Console;

namespace ActorGrid.Failover;

/// <summary>The results as a table on the screen.</summary>
internal static class ScreenReport
{
    public static Table Of(IEnumerable<ScenarioResult> results)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var (head, _) in Columns.All) table.AddColumn(new TableColumn(head).NoWrap());
        foreach (var result in results)
        {
            string color = result.Holds switch { true => "green", false => "red", null => "grey" };
            var row = Columns.Row(result).Select(Markup.Escape).ToArray();
            row[^1] = $"[{color}]{row[^1]}[/]";
            table.AddRow(row);
        }
        return table;
    }
}

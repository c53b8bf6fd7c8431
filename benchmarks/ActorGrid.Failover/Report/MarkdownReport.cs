using System.Text;

namespace ActorGrid.Failover;

/// <summary>The results as a table for a Markdown page, one for each store.</summary>
internal static class MarkdownReport
{
    public static string Of(Report report)
    {
        var text = new StringBuilder();
        text.Append(report.Machine).Append(". ").Append(report.Load).Append(".\n");
        foreach (var store in report.Results.GroupBy(r => r.Store, StringComparer.Ordinal))
        {
            // The store is the same in all rows of a table.
            text.Append("\n### ").Append(store.Key).Append("\n\n");
            AppendRow(text, Columns.All.Select(c => c.Head));
            AppendRow(text, Columns.All.Select(_ => "---"));
            foreach (var result in store) AppendRow(text, Columns.Row(result));
        }
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells)
    {
        text.Append('|');
        foreach (string cell in cells.Where((_, column) => column != 1)) text.Append(' ').Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |");
        text.Append('\n');
    }
}

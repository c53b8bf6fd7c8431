using System.Globalization;
using System.Net;
using System.Text;

namespace ActorGrid.Failover;

/// <summary>The report as one page that needs nothing beside itself: no script, no font, no picture from elsewhere; light or dark as the reader has it.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --quiet: #656d76; --page: #ffffff; --card: #f6f8fa; --line: #d8dee4; --good: #1a7f37; --bad: #cf222e; --blue: #0969da; --orange: #bc4c00; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6edf3; --quiet: #9198a1; --page: #0d1117; --card: #151b23; --line: #30363d; --good: #3fb950; --bad: #f85149; --blue: #58a6ff; --orange: #f0883e; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 76rem; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        h1 { margin: 0; font-size: 1.7rem; letter-spacing: -0.01em; } h2 { margin: 3rem 0 1rem; font-size: 1.25rem; } h3 { margin: 0; font-size: 1rem; }
        .quiet { color: var(--quiet); } .good { color: var(--good); } .bad { color: var(--bad); } .verdict { font-weight: 600; }
        .wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13px; }
        th, td { padding: 0.45rem 0.7rem; text-align: right; white-space: nowrap; } th { color: var(--quiet); font-weight: 500; background: var(--card); }
        th:first-child, td:first-child { text-align: left; } tr + tr td { border-top: 1px solid var(--line); }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 33rem), 1fr)); gap: 1.25rem; margin-top: 1.25rem; }
        .card { padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
        .card header { display: flex; justify-content: space-between; gap: 1rem; } .card p { margin: 0.15rem 0 0.6rem; font-size: 13px; }
        .figures { display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem; margin: 0 0 0.6rem; } .figures div { font-size: 12px; color: var(--quiet); }
        .figures b { display: block; font-size: 1.15rem; font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
        svg { display: block; width: 100%; height: auto; } svg text { fill: var(--quiet); font: 11px system-ui, sans-serif; } svg .title { font-weight: 600; }
        .grid { stroke: var(--line); stroke-width: 1; } .fault { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; } svg .fault-label { fill: var(--bad); font-weight: 600; }
        path { fill: none; stroke-width: 1.5; } .area { fill: var(--good); fill-opacity: 0.13; } .share { stroke: var(--good); } .max { stroke: var(--orange); } .median { stroke: var(--blue); }
        .faint { opacity: 0.22; stroke-width: 1; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; font-size: 13px; } dt { font-weight: 600; } dd { margin: 0; color: var(--quiet); }
        ul { margin: 0.5rem 0 0; padding-left: 1.2rem; font-size: 12px; color: var(--bad); overflow-wrap: anywhere; }
        """;

    public static string Of(Report report)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<title>ActorGrid: fail-over</title>\n<style>\n").Append(Style).Append("\n</style>\n")
            .Append("<h1>ActorGrid: fail-over</h1>\n")
            .Append(Invariant($"<p class=\"quiet\">{Escape(report.Load)}. All settings of the grid are its defaults.<br>{Escape(report.Machine.ToString())}</p>\n"));
        foreach (var store in report.Results.GroupBy(r => r.Store, StringComparer.Ordinal)) AppendStore(html, store.Key, [.. store]);
        html.Append("<h2>What the figures mean</h2>\n<dl>\n");
        foreach (var (head, meaning) in Columns.All) html.Append(Invariant($"<dt>{Escape(head)}</dt><dd>{Escape(meaning)}</dd>\n"));
        return html.Append("</dl>\n</html>\n").ToString();
    }

    private static void AppendStore(StringBuilder html, string store, IReadOnlyList<ScenarioResult> results)
    {
        html.Append(Invariant($"<h2>{Escape(store)}</h2>\n<div class=\"wide\"><table>\n<tr>"));
        foreach (var (head, meaning) in Shown(Columns.All)) html.Append(Invariant($"<th title=\"{Escape(meaning)}\">{Escape(head)}</th>"));
        html.Append("</tr>\n");
        foreach (var result in results)
        {
            html.Append("<tr>");
            string[] cells = [.. Shown(Columns.Row(result))];
            foreach (string cell in cells[..^1]) html.Append(Invariant($"<td>{Escape(cell)}</td>"));
            html.Append(Invariant($"<td class=\"verdict {ClassOf(result)}\">{Escape(cells[^1])}</td></tr>\n"));
        }
        html.Append("</table></div>\n<div class=\"cards\">\n");
        foreach (var result in results.Where(r => r.Runs.Count > 0)) AppendCard(html, result);
        html.Append("</div>\n");
    }

    private static void AppendCard(StringBuilder html, ScenarioResult result)
    {
        html.Append(Invariant($"<section class=\"card\"><header><h3>{Escape(result.Scenario)}</h3><span class=\"verdict {ClassOf(result)}\">{Escape(Columns.Row(result)[^1])}</span></header>\n"))
            .Append(Invariant($"<p class=\"quiet\">{Escape(result.Title)}. Bar: {Escape(result.Bar.ToString())}.</p>\n<div class=\"figures\">"));
        Figure("last entity back", result.Spread(r => r.Recovery.Last) is { } last ? Milliseconds(last.Median) : "nobody waited");
        Figure("p99.9", Milliseconds(result.Spread(r => r.After.P999)!.Median));
        Figure("slowest", Milliseconds(result.Spread(r => r.After.Max)!.Max));
        Figure("failed", Invariant($"{result.Runs.Sum(r => r.Failed)} of {result.Runs.Sum(r => r.Asks):n0}"));
        html.Append("</div>\n").Append(Chart.Of(result.Runs));
        string[] troubles = [.. result.Runs.SelectMany(r => r.Proof.Examples.Concat(r.Failures)).Prepend(result.Broken).OfType<string>().Take(5)];
        if (troubles.Length > 0) html.Append("<ul>").AppendJoin("", troubles.Select(t => $"<li>{Escape(t)}</li>")).Append("</ul>");
        html.Append("</section>\n");

        void Figure(string name, string value) => html.Append(Invariant($"<div><b>{Escape(value)}</b>{Escape(name)}</div>"));
    }

    private static string Milliseconds(double ms) => ms >= 10_000 ? Invariant($"{ms / 1_000:f1} s") : Invariant($"{ms:n0} ms");

    // The store is the heading.
    private static IEnumerable<T> Shown<T>(IEnumerable<T> columns) => columns.Where((_, column) => column != 1);

    private static string ClassOf(ScenarioResult result) => result.Holds switch { true => "good", false => "bad", null => "quiet" };

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

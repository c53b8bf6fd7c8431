using System.Text.Json;
using System.Xml.Linq;

namespace ActorGrid.Failover.Tests;

public sealed class ReportTests
{
    private static readonly Machine Machine = new(DateTimeOffset.UnixEpoch, "A <processor>", 2, 24, "Debian", ".NET 10");

    private static readonly Report Report = new(Machine, "3 nodes", [Sample.Result(Sample.Run(100), Sample.Run(250)), Skipped]);

    private static ScenarioResult Skipped => Sample.Result() with { Scenario = "partition", Skipped = "needs root" };

    [Fact]
    public void The_page_needs_nothing_beside_itself()
    {
        string html = HtmlReport.Of(Report);
        foreach (string foreign in (string[])["<script", "http:", "https:", "@import", "url(", "src="]) Assert.DoesNotContain(foreign, html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
        Assert.Contains("A &lt;processor&gt;", html, StringComparison.Ordinal);
        Assert.Contains("skipped: needs root", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_shows_every_run_and_the_fault()
    {
        var svg = XElement.Parse(Chart.Of([Sample.Run(100), Sample.Run(250), Sample.Run(900)]));
        Assert.Equal(3, svg.Elements("path").Count(p => p.Attribute("class")!.Value.StartsWith("max", StringComparison.Ordinal)));
        Assert.Single(svg.Elements("path"), p => p.Attribute("class")!.Value == "max main");
        Assert.Single(svg.Elements("line"), l => l.Attribute("class")!.Value == "fault");
        Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_a_row_for_each_scenario()
    {
        string[] lines = MarkdownReport.Of(Report).Split('\n');
        Assert.Contains(lines, l => l.StartsWith("| kill | 2 | 1 | 175 [100 .. 250] |", StringComparison.Ordinal) && l.EndsWith("| holds |", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("| partition |", StringComparison.Ordinal) && l.EndsWith("| skipped: needs root |", StringComparison.Ordinal));
        Assert.Single(lines.Where(l => l.StartsWith('|')).Select(l => l.Count(c => c == '|')).Distinct());
    }

    [Fact]
    public void The_report_can_be_read_back()
    {
        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(Report, ReportJson.Default.Report), ReportJson.Default.Report)!;
        Assert.Equal(HtmlReport.Of(Report), HtmlReport.Of(read));
    }
}

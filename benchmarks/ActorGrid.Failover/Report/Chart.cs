using System.Globalization;
using System.Text;

namespace ActorGrid.Failover;

/// <summary>
/// Draws the runs of a scenario as a picture (SVG) without a script: above, the share of requests that were answered in time; below, the latency on a logarithmic scale. The run whose last
/// entity came back at the median is drawn bold, the others are faint behind it. The fault is at 0.
/// </summary>
internal static class Chart
{
    private const double Width = 860, Left = 64, Right = 16, ShareTop = 26, ShareHeight = 70, LatencyTop = 126, LatencyHeight = 170, Height = 330;
    private const double FloorMs = 0.1;

    public static string Of(IReadOnlyList<RunResult> runs)
    {
        var ordered = runs.OrderBy(r => r.Recovery.Last ?? 0).ToList();
        var main = ordered[(ordered.Count - 1) / 2];
        var slices = main.Timeline.Slices;
        double from = slices[0].AtMs, to = slices[^1].AtMs + main.Timeline.SliceMs;
        double ceiling = Math.Pow(10, Math.Ceiling(Math.Log10(Math.Max(10, runs.Max(r => r.Timeline.Slices.Max(s => s.MaxMs))))));
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Share of requests answered in time, and latency, around the fault\">"));
        AppendGrid();
        foreach (var run in ordered.Where(r => r != main)) AppendRun(run, "faint");
        AppendRun(main, "main");
        AppendFault();
        return svg.Append("</svg>").ToString();

        double X(double ms) => Left + ((ms - from) / (to - from) * (Width - Left - Right));
        double ShareY(double share) => ShareTop + ((1 - share) * ShareHeight);
        double LatencyY(double ms) => LatencyTop + LatencyHeight - (Math.Log10(Math.Max(ms, FloorMs) / FloorMs) / Math.Log10(ceiling / FloorMs) * LatencyHeight);

        void AppendGrid()
        {
            Text(Left, ShareTop - 10, "title", "start", Invariant($"answered within {Timeline.InTime.TotalMilliseconds} ms"));
            Text(Left, LatencyTop - 10, "title", "start", "latency: median and slowest");
            foreach (double share in (double[])[0, 0.5, 1]) Level(ShareY(share), Invariant($"{share * 100} %"));
            for (double ms = FloorMs; ms <= ceiling; ms *= 10) Level(LatencyY(ms), ms < 1_000 ? Invariant($"{ms:0.#} ms") : Invariant($"{ms / 1_000} s"));
            double step = to - from > 20_000 ? 5_000 : to - from > 8_000 ? 2_000 : 1_000;
            for (double ms = Math.Ceiling(from / step) * step; ms <= to; ms += step)
            {
                Line("grid", X(ms), ShareTop, X(ms), LatencyTop + LatencyHeight);
                Text(X(ms), LatencyTop + LatencyHeight + 18, "axis", "middle", Invariant($"{ms / 1_000} s"));
            }
        }

        void Level(double y, string label)
        {
            Line("grid", Left, y, Width - Right, y);
            Text(Left - 8, y + 4, "axis", "end", label);
        }

        void AppendRun(RunResult run, string style)
        {
            double width = run.Timeline.SliceMs;
            var asked = run.Timeline.Slices.Where(s => s.Asks > 0).ToList();
            if (asked.Count == 0) return;
            if (style == "main")
            {
                string area = Steps(asked, width, s => ShareY(s.InTime));
                svg.Append(Invariant($"<path class=\"area\" d=\"{area} V{ShareY(0):f1} H{X(asked[0].AtMs):f1} Z\"/>"));
                svg.Append(Invariant($"<path class=\"median\" d=\"{Steps(asked, width, s => LatencyY(s.MedianMs))}\"/>"));
            }
            svg.Append(Invariant($"<path class=\"share {style}\" d=\"{Steps(asked, width, s => ShareY(s.InTime))}\"/>"));
            svg.Append(Invariant($"<path class=\"max {style}\" d=\"{Steps(asked, width, s => LatencyY(s.MaxMs))}\"/>"));
        }

        string Steps(List<Slice> asked, double width, Func<Slice, double> y)
        {
            var path = new StringBuilder(Invariant($"M{X(asked[0].AtMs):f1} {y(asked[0]):f1}"));
            foreach (var slice in asked) path.Append(Invariant($"V{y(slice):f1}H{X(slice.AtMs + width):f1}"));
            return path.ToString();
        }

        void AppendFault()
        {
            Line("fault", X(0), ShareTop - 4, X(0), LatencyTop + LatencyHeight);
            Text(X(0) + 5, ShareTop - 10, "fault-label", "start", "the fault");
        }

        void Line(string style, double x1, double y1, double x2, double y2) =>
            svg.Append(Invariant($"<line class=\"{style}\" x1=\"{x1:f1}\" y1=\"{y1:f1}\" x2=\"{x2:f1}\" y2=\"{y2:f1}\"/>"));

        void Text(double x, double y, string style, string anchor, string text) =>
            svg.Append(Invariant($"<text class=\"{style}\" x=\"{x:f1}\" y=\"{y:f1}\" text-anchor=\"{anchor}\">{text}</text>"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

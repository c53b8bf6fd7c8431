using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using ActorGrid.Transport;

namespace ActorGrid.Tests;

/// <summary>The table of bounds in docs/SEMANTICS.md says what the code does.</summary>
public sealed partial class BoundsTests
{
    private static readonly Type[] Holders =
        [typeof(SpawnOptions), typeof(GridOptions), typeof(GridClusterOptions), typeof(EntityHostOptions), typeof(JobRunnerOptions), typeof(TcpTransportOptions)];

    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (Match row in Row().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "SEMANTICS.md")))) rows.Add(row.Groups["option"].Value, row.Groups["default"].Value);
            return rows;
        }
    }

    [Fact]
    public void The_table_is_there() => Assert.InRange(Rows.Count, 18, 100);

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_documented_default_is_that_of_the_code(string option, string documented)
    {
        string[] names = option.Split('.');
        var holder = Holders.Single(type => type.Name == names[0]);
        object? value = holder.GetProperty(names[1])!.GetValue(Activator.CreateInstance(holder));
        Assert.Equal(documented, (option, value) switch
        {
            ("GridOptions.JobWorkers", _) when (int)value! == Environment.ProcessorCount => "one for each processor",
            ("JobRunnerOptions.RecordingMax", _) when (int)value! == 2 * Environment.ProcessorCount => "twice the workers",
            (_, null) => "none",
            var (name, _) when name.Contains("Bytes", StringComparison.Ordinal) => $"{Convert.ToInt64(value, CultureInfo.InvariantCulture) >> 20} MiB",
            _ => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
        });
    }

    [Fact]
    public void The_options_of_the_grid_reach_those_below_and_have_their_defaults()
    {
        var options = new GridOptions();
        Assert.Equal(new EntityHostOptions().CommandsPerShardMax, options.CommandsPerShardMax);
        Assert.Equal(new ActorSystemOptions().OpenAsksMax, options.OpenAsksMax);
        Assert.Equal((new JobRunnerOptions().JobsOpenMax, new JobRunnerOptions().JobsOpenPerSubmitterMax), (options.JobsOpenMax, options.JobsOpenPerSubmitterMax));
        Assert.Equal((new ClusterOptions().ParkedAsksMax, new ClusterOptions().InboundBytesMax), (options.Cluster.ParkedAsksMax, options.Cluster.InboundBytesMax));

        var set = new GridOptions { CommandsPerShardMax = 1, JobsOpenMax = 2, JobsOpenPerSubmitterMax = 3 };
        set.Cluster.InboundBytesMax = 4;
        Assert.Equal(1, GridNode.Translate(set).CommandsPerShardMax);
        Assert.Equal((2, 3), (GridNode.Runner(set, "n").JobsOpenMax, GridNode.Runner(set, "n").JobsOpenPerSubmitterMax));
        Assert.Equal(4, set.Cluster.Translate().InboundBytesMax);
    }

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));

    [GeneratedRegex("""^\| [^|]+ \| (?<default>[^|]+) \| `(?<option>\w+\.\w+)` \| [^|]+ \|$""", RegexOptions.Multiline)]
    private static partial Regex Row();
}

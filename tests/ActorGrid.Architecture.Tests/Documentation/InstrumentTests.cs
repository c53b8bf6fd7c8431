using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ActorGrid.Architecture.Tests;

/// <summary>Whoever runs a grid finds each of its instruments in the manual, and no other.</summary>
public sealed partial class InstrumentTests
{
    private static readonly Lazy<(string Name, string Unit)[]> Instruments = new(Find);

    [Fact]
    public void The_manual_tells_of_each_instrument_with_its_unit() => Assert.Equal(
        Instruments.Value.Order(),
        Row().Matches(File.ReadAllText(Repository.PathOf("docs/OPERATIONS.md"))).Select(row => (row.Groups["name"].Value, row.Groups["unit"].Value)).Order());

    [Fact]
    public void Instruments_are_found() => Assert.True(Instruments.Value.Length > 30);

    /// <summary>Who looks at a healthy node sees zeros, and not that there is nothing to look at.</summary>
    [Fact]
    public async Task A_node_has_each_instrument_from_its_start_on()
    {
        // Those of this process are left aside.
        Assert.NotEmpty(Instruments.Value);
        var found = new ConcurrentBag<string>();
        bool isFresh = false;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (Volatile.Read(ref isFresh) && instrument.Meter.Name.StartsWith("ActorGrid", StringComparison.Ordinal)) found.Add(instrument.Name);
            },
        };
        listener.Start();
        Volatile.Write(ref isFresh, true);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("actorgrid-");
        try
        {
            Type node = new FreshAssemblies().LoadFromAssemblyName(typeof(HealthyNode).Assembly.GetName()).GetType(typeof(HealthyNode).FullName!, throwOnError: true)!;
            await (Task)node.GetMethod(nameof(HealthyNode.RunAsync))!.Invoke(null, [Path.Combine(folder.FullName, "grid.db")])!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        Assert.Equal(Instruments.Value.Select(instrument => instrument.Name).Order(), found.Order());
    }

    private static (string Name, string Unit)[] Find()
    {
        var found = new List<(string, string)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("ActorGrid", StringComparison.Ordinal)) found.Add((instrument.Name, instrument.Unit ?? ""));
            },
        };
        // An instrument is there once the class that holds it has been initialized.
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "ActorGrid*.dll"))
        {
            foreach (Type type in Assembly.LoadFrom(file).GetTypes())
            {
                if (type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Any(field => typeof(Instrument).IsAssignableFrom(field.FieldType)))
                    RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
        }

        listener.Start();
        return [.. found];
    }

    [GeneratedRegex(@"^\| `(?<name>[a-z_.]+)` \| (?<unit>\{[a-z]+\}|s|By) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

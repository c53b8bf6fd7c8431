using ActorGrid;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SampleNodes;

/// <summary>Shows the nodes that this process has started: as lines, or as a table for a live display.</summary>
/// <param name="console">Where to.</param>
/// <param name="nodes">The nodes.</param>
/// <param name="grid">The grid, as seen from outside of them.</param>
public sealed class NodesView(IAnsiConsole console, NodeGroup nodes, IGrid grid)
{
    /// <summary>The table, or nothing if there are no such nodes.</summary>
    public IRenderable Table
    {
        get
        {
            if (nodes.Nodes.Count == 0) return Text.Empty;
            var table = new Table { Border = TableBorder.Rounded };
            foreach (string head in NodeState.Heads) table.AddColumn(head);
            foreach (var state in nodes.States(grid.View!)) table.AddRow([.. state.Columns.Select(column => new Text(column))]);
            return table;
        }
    }

    /// <summary>Writes what each node is now.</summary>
    public void Show()
    {
        if (nodes.Nodes.Count == 0) return;
        foreach (var state in nodes.States(grid.View!)) Say(state.ToString());
    }

    /// <summary>Writes a line, above a live display if there is one.</summary>
    public void Say(string line)
    {
        // Lines that programs read are not wrapped to the width of a terminal.
        if (console.Profile.Out.IsTerminal) console.WriteLine(line);
        else console.Profile.Out.Writer.WriteLine(line);
    }
}

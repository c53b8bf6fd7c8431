using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SampleNodes;

/// <summary>The options about nodes, which all samples have.</summary>
public sealed class NodeOptions
{
    private const int NodesMax = 64;

    private readonly Option<int?> _nodes = new("--nodes")
    {
        HelpName = "N",
        Description = $"Run on N nodes, each a process of this host, started and stopped by this one; 0 to {NodesMax}. 0: on nodes that were "
            + "started with --join, over the same --store. Left out: on one node, in this process.",
        CustomParser = static result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int nodes) && nodes <= NodesMax) return nodes;
            result.AddError($"--nodes is '{result.Tokens[0].Value}'; it must be a whole number, 0 to {NodesMax}.");
            return null;
        },
    };

    private readonly Option<StoreChoice?> _store = new("--store")
    {
        HelpName = StoreChoice.Syntax,
        Description = "Where the grid is kept: a SQLite file, for processes of one host (the default), or a database of a PostgreSQL server.",
        CustomParser = static result =>
        {
            var store = StoreChoice.Parse(result.Tokens[0].Value);
            if (store is null) result.AddError($"--store is '{result.Tokens[0].Value}'; it must be {StoreChoice.Syntax}.");
            return store;
        },
    };

    private readonly Option<bool> _kill = new("--kill") { Description = "Kill one of the nodes in the middle, as SIGKILL does, and show what happens." };

    private readonly Option<bool> _join = new("--join") { Description = "Be a node of a grid, until Ctrl+C: nothing else is done here." };

    private readonly Option<(string Host, int Port)?> _listen = new("--listen")
    {
        HelpName = "HOST:PORT",
        Description = "Where a node that joins is reached by the others; port 0: any that is free. 127.0.0.1:0 by default.",
        CustomParser = static result =>
        {
            string text = result.Tokens[0].Value;
            int colon = text.LastIndexOf(':');
            if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) return (text[..colon].Trim('[', ']'), port);
            result.AddError($"--listen is '{text}'; it must be a host and a port, such as 127.0.0.1:5300.");
            return null;
        },
    };

    private readonly Option<string?> _name = new("--name") { HelpName = "NAME", Description = "What a node that joins is called; by default where it is reached." };

    private readonly Option<bool> _plaintext = new("--allow-plaintext")
    {
        Description = "Let a node that joins talk to other hosts without TLS: for a network that you trust.",
    };

    private readonly Option<bool> _child = new("--child") { Hidden = true };

    /// <summary>Those that say where the grid is, and not what to do with it.</summary>
    public IEnumerable<Option> OfStore => [_nodes, _store];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(RootCommand command)
    {
        foreach (Option option in (Option[])[_nodes, _store, _kill, _join, _listen, _name, _plaintext, _child]) command.Add(option);
        command.Validators.Add(Refuse);
    }

    /// <summary>What was asked for.</summary>
    public NodeRequest Read(ParseResult parsed)
    {
        var (host, port) = parsed.GetValue(_listen) ?? ("127.0.0.1", 0);
        return new NodeRequest(
            parsed.GetValue(_nodes),
            parsed.GetValue(_store) ?? new StoreChoice(IsPostgreSql: false, null),
            parsed.GetValue(_kill),
            parsed.GetValue(_join) ? new JoinRequest(host, port, parsed.GetValue(_name), parsed.GetValue(_plaintext), parsed.GetValue(_child)) : null);
    }

    /// <summary>Whether one of the nodes that are started may go.</summary>
    public bool StartsSeveral(CommandResult command) => command.GetResult(_nodes)?.Tokens is [{ Value: not ("0" or "1") }];

    /// <summary>The arguments that make a process a node which this one has started.</summary>
    internal static IEnumerable<string> Child(string name, StoreChoice store) => ["--join", "--child", "--name", name, "--store", store.ToString()];

    private void Refuse(CommandResult command)
    {
        bool joins = command.GetResult(_join) is { Implicit: false };
        if (joins && (command.GetResult(_nodes) ?? command.GetResult(_kill)) is { Implicit: false } load)
        {
            command.AddError($"{load.Option.Name} is for the process that starts nodes, and --join makes this one a node: leave one of them out.");
        }
        if (!joins && (command.GetResult(_listen) ?? command.GetResult(_name) ?? command.GetResult(_plaintext)) is { Implicit: false } node)
        {
            command.AddError($"{node.Option.Name} is for a node: add --join.");
        }
        if (command.GetResult(_kill) is { Implicit: false } && !StartsSeveral(command))
        {
            command.AddError("--kill needs a node that stays: add --nodes 3.");
        }
    }
}

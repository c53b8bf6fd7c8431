using System.Diagnostics;
using System.Globalization;

namespace ActorGrid.Failover;

/// <summary>
/// Two networks inside this host, one that joins the nodes and their clients and one that joins the nodes and the store, with a network namespace for each node. A node is cut off from a network as if
/// its cable was pulled out at the other end: packets vanish, and nobody is told.
/// </summary>
internal sealed class Networks : IAsyncDisposable
{
    private const string Program = "ip";

    private readonly string _id = Environment.ProcessId.ToString("x", CultureInfo.InvariantCulture);
    private readonly int _nodes;
    private readonly Process _leash;

    private Networks(int nodes)
    {
        _nodes = nodes;
        // Whatever becomes of this process, its networks go with it.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "read _; " + string.Join("; ", Removals().Select(r => $"{Program} {r}"))]) { RedirectStandardInput = true, RedirectStandardError = true };
        _leash = Process.Start(start)!;
    }

    /// <summary>Why networks cannot be made here, or null if they can.</summary>
    public static string? WhyNone => !OperatingSystem.IsLinux() ? "network namespaces are a thing of Linux"
        : !Environment.IsPrivilegedProcess ? "network namespaces need root"
        : !CanMake() ? "this machine lets nobody make network namespaces (or has no `ip` from iproute2)"
        : null;

    /// <summary>The address of the host itself on the network of the store.</summary>
    public static string StoreHost => Address(Network.Store, 0);

    /// <summary>Makes the networks.</summary>
    /// <param name="nodes">How many nodes there may be, numbered from 1.</param>
    public static async Task<Networks> CreateAsync(int nodes)
    {
        var networks = new Networks(nodes);
        try
        {
            foreach (var network in Enum.GetValues<Network>())
            {
                // With an address of its own: a bridge takes that of one of its ports otherwise, and changes it when that one leaves, which all others would feel.
                await RunAsync(Text($"link add {networks.Bridge(network)} address 02:00:00:00:{(int)network:x2}:fe type bridge"));
                await RunAsync($"addr add {Address(network, 0)}/24 dev {networks.Bridge(network)}");
                await RunAsync($"link set {networks.Bridge(network)} up");
            }
            for (int node = 1; node <= nodes; node++) await networks.AddNodeAsync(node);
            return networks;
        }
        catch
        {
            await networks.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a node where the others reach it.</summary>
    public static string HostOf(int node) => Address(Network.Grid, node);

    /// <summary>The command that runs a program in the namespace of a node, and becomes it.</summary>
    public string[] Prefix(int node) => [Program, "netns", "exec", Namespace(node)];

    /// <summary>Cuts a node off from networks, all at the same moment.</summary>
    public Task CutAsync(int node, params Network[] from) => RunBatchAsync(from.Select(network => $"link set {Port(network, node)} nomaster"));

    public Task HealAsync(int node, params Network[] from) => RunBatchAsync(from.Select(network => $"link set {Port(network, node)} master {Bridge(network)}"));

    public async ValueTask DisposeAsync()
    {
        // Closing its input makes the leash remove everything.
        _leash.StandardInput.Close();
        await _leash.StandardError.ReadToEndAsync();
        await _leash.WaitForExitAsync();
        _leash.Dispose();
    }

    private async Task AddNodeAsync(int node)
    {
        await RunAsync($"netns add {Namespace(node)}");
        await RunAsync($"-n {Namespace(node)} link set lo up");
        foreach (var network in Enum.GetValues<Network>())
        {
            string inside = network == Network.Grid ? "grid" : "store";
            await RunAsync($"link add {Port(network, node)} type veth peer name {inside} netns {Namespace(node)}");
            await RunAsync($"-n {Namespace(node)} addr add {Address(network, node)}/24 dev {inside}");
            await RunAsync($"-n {Namespace(node)} link set {inside} up");
            await RunAsync($"link set {Port(network, node)} master {Bridge(network)} up");
        }
    }

    private IEnumerable<string> Removals() =>
    [
        .. Enumerable.Range(1, _nodes).Select(node => $"netns del {Namespace(node)}"),
        .. Enumerable.Range(1, _nodes).SelectMany(node => Enum.GetValues<Network>().Select(network => $"link del {Port(network, node)}")),
        .. Enum.GetValues<Network>().Select(network => $"link del {Bridge(network)}"),
    ];

    private string Namespace(int node) => Text($"ag{_id}-{node}");

    private string Bridge(Network network) => Text($"ag{_id}{Letter(network)}");

    private string Port(Network network, int node) => Text($"ag{_id}{Letter(network)}{node}");

    // Two that run side by side should not meet.
    private static string Address(Network network, int node) => Text($"10.{200 + (Environment.ProcessId % 50)}.{(int)network}.{(node == 0 ? 254 : node)}");

    private static char Letter(Network network) => network == Network.Grid ? 'g' : 's';

    private static bool CanMake()
    {
        string name = Text($"ag{Environment.ProcessId}-try");
        return TryRun($"netns add {name}") && TryRun($"netns del {name}");
    }

    private static bool TryRun(string arguments)
    {
        try
        {
            using var process = Start(arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Task RunAsync(string arguments) => RunAsync(arguments, input: "");

    private static Task RunBatchAsync(IEnumerable<string> commands) => RunAsync("-batch -", string.Join('\n', commands) + "\n");

    private static async Task RunAsync(string arguments, string input)
    {
        using var process = Start(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{Program} {arguments}: {errors.Trim()}");
    }

    private static Process Start(string arguments) => Process.Start(new ProcessStartInfo(Program, arguments.Split(' ')) { RedirectStandardInput = true, RedirectStandardError = true })!;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The networks that a node is on.</summary>
internal enum Network
{
    /// <summary>The other nodes, and the client.</summary>
    Grid,

    /// <summary>The store.</summary>
    Store,
}

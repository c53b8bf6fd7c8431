namespace ActorGrid.Testing;

/// <summary>The network between the machines of a world: who listens where, who cannot reach whom, and how long frames take.</summary>
internal sealed class SimulatedNetwork(World world)
{
    /// <summary>How much later than its links the port of a process closes at most.</summary>
    private static readonly TimeSpan PortClosesMax = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, SimulatedTransport> _listening = new(StringComparer.Ordinal);
    private readonly List<Connection> _connections = [];
    private readonly Stack<byte[]> _buffers = new();
    private int[,] _blocks = new int[0, 0];
    private long _lastConnection;

    /// <summary>The least time that a frame takes from one machine to another.</summary>
    public TimeSpan DelayMin { get; set; } = TimeSpan.FromMicroseconds(80);

    /// <summary>The most that it takes as a rule.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMicroseconds(600);

    /// <summary>How many frames of a thousand take longer: up to <see cref="DelayTail"/>.</summary>
    public double SlowFrames { get; set; } = 0.005;

    /// <summary>The most that a slow frame takes.</summary>
    public TimeSpan DelayTail { get; set; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Frames under way in one lane of a link, beyond which no more are taken.</summary>
    public int LaneFramesMax { get; set; } = 4096;

    /// <summary>How many links have opened.</summary>
    public int LinksOpened { get; private set; }

    /// <summary>Frames that were delivered.</summary>
    public long FramesDelivered { get; set; }

    /// <summary>Machines whose address refuses although a process listens there.</summary>
    public HashSet<int> Refusing { get; } = [];

    public TimeSpan NextDelay() => world.Random.Chance(SlowFrames)
        ? world.Random.Between(DelayMax, DelayTail)
        : world.Random.Between(DelayMin, DelayMax);

    /// <summary>Whether what the one sends does not arrive at the other.</summary>
    public bool IsBlocked(SimulatedMachine from, SimulatedMachine to) =>
        _blocks[from.Number, to.Number] > 0 || from.IsLost || to.IsLost || from.Clock.IsSuspended || to.Clock.IsSuspended;

    /// <summary>Cuts one direction; as often as it is cut it has to be healed.</summary>
    public void Block(SimulatedMachine from, SimulatedMachine to) => _blocks[from.Number, to.Number]++;

    /// <summary>Takes back one <see cref="Block"/>.</summary>
    public void Unblock(SimulatedMachine from, SimulatedMachine to)
    {
        _blocks[from.Number, to.Number]--;
        Flush();
    }

    /// <summary>Breaks the links between two machines.</summary>
    public void Reset(SimulatedMachine one, SimulatedMachine other)
    {
        foreach (var connection in _connections.ToArray())
        {
            if (connection.Joins(one, other)) connection.Break();
        }
    }

    /// <summary>Lets go on what could not get through, as far as it can now; some links do not survive that.</summary>
    public void Flush()
    {
        foreach (var connection in _connections.ToArray()) connection.Flush();
    }

    internal void OnMachineAdded()
    {
        int count = world.Machines.Count;
        var blocks = new int[count, count];
        for (int i = 0; i < count - 1; i++)
        {
            for (int j = 0; j < count - 1; j++) blocks[i, j] = _blocks[i, j];
        }
        _blocks = blocks;
    }

    /// <summary>The operating system of a process that is gone closes its links, and then refuses at its address.</summary>
    internal void OnProcessGone(SimulatedProcess process)
    {
        foreach (var transport in _listening.Values)
        {
            if (transport.Process == process) transport.PortOpenUntil = world.NowTicks + world.Random.Between(TimeSpan.Zero, PortClosesMax).Ticks;
        }
        foreach (var connection in _connections.ToArray()) connection.OnProcessGone(process);
    }

    /// <summary>A machine that is back answers what belongs to links of its earlier life with a reset.</summary>
    internal void OnMachineBack(SimulatedMachine machine)
    {
        foreach (var connection in _connections.ToArray()) connection.OnMachineBack(machine);
        Flush();
    }

    internal void Listen(SimulatedTransport transport) => _listening[transport.Endpoint] = transport;

    internal void StopListening(SimulatedTransport transport)
    {
        if (_listening.TryGetValue(transport.Endpoint, out var current) && current == transport) _listening.Remove(transport.Endpoint);
    }

    internal SimulatedTransport? Find(string endpoint) => _listening.GetValueOrDefault(endpoint);

    internal Connection Connect(SimulatedTransport dialler, SimulatedTransport acceptor)
    {
        var connection = new Connection(world, ++_lastConnection, dialler, acceptor);
        LinksOpened++;
        _connections.Add(connection);
        return connection;
    }

    internal void Forget(Connection connection) => _connections.Remove(connection);

    /// <summary>A buffer for a frame of that length, at least.</summary>
    internal byte[] Rent(int length) => length <= SmallFrame && _buffers.TryPop(out byte[]? buffer) ? buffer : new byte[Math.Max(length, SmallFrame)];

    /// <summary>Takes a buffer back, and spoils it, so that who kept it is found out.</summary>
    internal void Return(byte[] buffer, int length)
    {
        buffer.AsSpan(0, length).Fill(0xDB);
        if (buffer.Length == SmallFrame) _buffers.Push(buffer);
    }

    private const int SmallFrame = 512;
}

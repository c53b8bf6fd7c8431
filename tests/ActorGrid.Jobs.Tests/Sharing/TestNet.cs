using System.Buffers.Binary;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>The members of a grid and the links between them, on one thread.</summary>
internal sealed class TestNet
{
    private readonly SortedDictionary<Guid, Port> _ports = [];
    private readonly HashSet<(Guid, Guid)> _cut = [];
    private int _last;

    /// <summary>Decides what becomes of a message.</summary>
    public Func<Guid, Guid, JobMessage, Fate> OnSend { get; set; } = static (_, _, _) => Fate.Arrives;

    /// <summary>All that was sent and arrived.</summary>
    public List<(Guid From, Guid To, JobMessage Message)> Sent { get; } = [];

    /// <summary>Who owns all shards.</summary>
    public Guid Owner { get; set; }

    public Port Join(string name, bool isClient = false)
    {
        var id = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(id, ++_last);
        var port = new Port(this, new Guid(id, bigEndian: true), name, isClient);
        _ports.Add(port.Self, port);
        Changed();
        return port;
    }

    /// <summary>The member has left, or was declared dead.</summary>
    public void Leave(Port port)
    {
        _ports.Remove(port.Self);
        Changed();
    }

    public void Cut(Port one, Port other)
    {
        _cut.Add((one.Self, other.Self));
        _cut.Add((other.Self, one.Self));
        Changed();
    }

    public void Mend()
    {
        _cut.Clear();
        Changed();
    }

    private void Changed()
    {
        foreach (var port in _ports.Values) port.Changed?.Invoke();
    }

    /// <summary>What becomes of a message.</summary>
    public enum Fate
    {
        Arrives,
        IsLost,
        IsNotTaken,
    }

    /// <summary>A node's end.</summary>
    internal sealed class Port(TestNet net, Guid self, string name, bool isClient) : IJobPeers
    {
        private Action<Guid, ReadOnlyMemory<byte>>? _onMessage;

        public Guid Self { get; } = self;

        public Action? Changed { get; private set; }

        public IReadOnlyList<JobPeer> Peers =>
        [
            .. net._ports.Values.Where(port => port != this && !port.IsClient)
                .Select(port => new JobPeer(port.Self, port.Name, !net._cut.Contains((Self, port.Self)))),
        ];

        public string Name => name;

        public bool IsClient => isClient;

        public void Start(Action<Guid, ReadOnlyMemory<byte>> onMessage, Action onChanged)
        {
            _onMessage = onMessage;
            Changed = onChanged;
        }

        public bool Send(Guid peer, ReadOnlySpan<byte> message)
        {
            if (!net._ports.TryGetValue(peer, out var port) || !net._ports.ContainsKey(Self) || net._cut.Contains((Self, peer))) return false;
            var decoded = JobWire.Decode(message)!;
            var fate = net.OnSend(Self, peer, decoded);
            if (fate == Fate.IsNotTaken) return false;
            if (fate == Fate.IsLost) return true;
            net.Sent.Add((Self, peer, decoded));
            port._onMessage?.Invoke(Self, message.ToArray());
            return true;
        }

        public Guid OwnerOf(EntityId job) => net.Owner == Self ? Guid.Empty : net.Owner;
    }
}

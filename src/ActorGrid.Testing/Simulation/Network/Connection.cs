namespace ActorGrid.Testing;

/// <summary>What joins two transports: an end at each side.</summary>
internal sealed class Connection
{
    private readonly World _world;
    private readonly LinkEnd _dialled;
    private readonly LinkEnd _accepted;

    public Connection(World world, long number, SimulatedTransport dialler, SimulatedTransport acceptor)
    {
        _world = world;
        Number = number;
        _dialled = new LinkEnd(this, dialler, acceptor.Self!, acceptor.Endpoint);
        _accepted = new LinkEnd(this, acceptor, dialler.Self!, dialledEndpoint: null);
    }

    public long Number { get; }

    public World World => _world;

    public LinkEnd OtherEnd(LinkEnd end) => end == _dialled ? _accepted : _dialled;

    public bool Joins(SimulatedMachine one, SimulatedMachine other)
    {
        var (x, y) = (_dialled.Machine, _accepted.Machine);
        return (x == one && y == other) || (x == other && y == one);
    }

    /// <summary>The accepting side knows of it first.</summary>
    public void Open()
    {
        _accepted.BeginOpen(TimeSpan.Zero);
        _dialled.BeginOpen(_world.Network.NextDelay());
    }

    /// <summary>The network loses it; both ends learn of it, each in its time.</summary>
    public void Break()
    {
        _dialled.LearnOfEnd(dropsFrames: true);
        _accepted.LearnOfEnd(dropsFrames: true);
    }

    public void OnProcessGone(SimulatedProcess process)
    {
        // The kernel sends on what it had taken, or drops it.
        bool dropsFrames = _world.Random.Chance(0.5);
        if (_dialled.Process == process) _accepted.LearnOfEnd(dropsFrames);
        if (_accepted.Process == process) _dialled.LearnOfEnd(dropsFrames);
        ForgetIfOver();
    }

    public void OnMachineBack(SimulatedMachine machine)
    {
        if (_dialled.Machine == machine && _dialled.Process.IsDead) _accepted.LearnOfEnd(dropsFrames: true);
        if (_accepted.Machine == machine && _accepted.Process.IsDead) _dialled.LearnOfEnd(dropsFrames: true);
        ForgetIfOver();
    }

    public void Flush()
    {
        // After a long silence the network, or the patience of an end, has often given the connection up.
        if ((_dialled.HasStalled || _accepted.HasStalled) && _world.Random.Chance(0.3)) Break();
        _dialled.Flush();
        _accepted.Flush();
    }

    public void ForgetIfOver()
    {
        if (_dialled.IsOver && _accepted.IsOver) _world.Network.Forget(this);
    }
}

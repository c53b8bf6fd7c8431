namespace ActorGrid.Testing;

/// <summary>What befalls nodes and their clocks.</summary>
internal sealed partial class Nemesis
{
    private void Kill()
    {
        if (AnyRunning() is { } node) KillNode(node, isLost: false);
    }

    private void LoseMachine()
    {
        if (AnyRunning() is { } node) KillNode(node, isLost: true);
    }

    private void KillNode(SimulatedNode node, bool isLost)
    {
        node.Machine.Kill(isLost);
        // Back at once, as under a supervisor, or only after it was declared dead.
        var after = _world.Random.Chance(0.3) ? TimeSpan.FromMilliseconds(_world.Random.Next(1, 200)) : Span(0.2, 8);
        _world.After(after, node.BeginStart);
    }

    private void Leave()
    {
        if (AnyRunning() is { } node) node.BeginLeave(Span(0.05, 5));
    }

    private void RestartAll()
    {
        foreach (var node in _grid.Nodes)
        {
            if (node.Machine.IsRunning) KillNode(node, isLost: _world.Random.Chance(0.2));
        }
    }

    private void Pause()
    {
        if (AnyRunning() is { } node) PauseNode(node);
    }

    private void PauseNode(SimulatedNode node)
    {
        var process = node.Machine.Process!;
        process.Stop();
        Last(Span(0.05, 9), "paused", node.Machine, process.GoOn);
    }

    private void Suspend()
    {
        if (AnyRunning() is not { } node || node.Machine.Clock.IsSuspended) return;
        node.Machine.Suspend();
        Last(Span(0.2, 10), "suspended", node.Machine, node.Machine.Wake);
    }

    private void JumpClock()
    {
        var clock = AnyNode().Machine.Clock;
        clock.SetJump(_world.Random.Between(TimeSpan.FromSeconds(-20), TimeSpan.FromSeconds(20)));
        _world.Say(TraceKind.Fault, "clock jumped");
    }

    private void Drift()
    {
        var machine = AnyNode().Machine;
        machine.Clock.SetDrift(_world.Random.NextInt64(-20_000, 20_000));
        _world.Say(TraceKind.Fault, "clock drifts", machine.Number);
    }
}

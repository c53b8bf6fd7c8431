namespace ActorGrid.Testing;

/// <summary>What befalls a node right after a step of its work, so that each step of a hand-off, a takeover or a commit is once its last.</summary>
internal sealed partial class Nemesis
{
    private static readonly TraceKind[] Steps =
    [
        TraceKind.ViewWritten, TraceKind.ViewWritten, TraceKind.FenceRaised, TraceKind.Appended, TraceKind.Lease, TraceKind.FrameSent, TraceKind.FrameDelivered,
        TraceKind.LinkOpened,
    ];

    private readonly List<(TraceKind Kind, int Countdown)> _steps = [];

    private void StopAtStep()
    {
        var kind = Steps[_world.Random.Next(Steps.Length)];
        _steps.Add((kind, _world.Random.Next(kind is TraceKind.FrameSent or TraceKind.FrameDelivered ? 50 : 5)));
    }

    private void OnTrace(TraceEntry entry)
    {
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            var (kind, countdown) = _steps[i];
            if (kind != entry.Kind) continue;
            if (countdown > 0)
            {
                _steps[i] = (kind, countdown - 1);
                continue;
            }
            if (_grid.NodeOn(entry.Machine) is not { Machine.IsRunning: true } node) continue;
            _steps.RemoveAt(i);
            // The work that takes this step is not torn apart: processes die between two pieces of work.
            _world.Next(() => Stop(node, kind));
        }
    }

    private void Stop(SimulatedNode node, TraceKind step)
    {
        if (_isCalm || !node.Machine.IsRunning) return;
        _world.Say(TraceKind.Fault, _world.Trace.IsRecorded ? $"stopped after a step: {step}" : "step", node.Machine.Number);
        switch (_world.Random.Next(4))
        {
            case 0:
                KillNode(node, isLost: false);
                break;
            case 1:
                KillNode(node, isLost: true);
                break;
            case 2:
                PauseNode(node);
                break;
            default:
                var others = _grid.Nodes.Where(other => other != node).Select(other => other.Machine).ToList();
                Cut([node.Machine], others, oneWay: _world.Random.Chance(0.3), Span(0.1, 8));
                break;
        }
    }
}

namespace ActorGrid.Testing;

/// <summary>What befalls the network and the store.</summary>
internal sealed partial class Nemesis
{
    private void Partition(bool oneWay)
    {
        var nodes = _grid.Nodes;
        var inside = new List<SimulatedMachine>();
        var outside = new List<SimulatedMachine>();
        switch (_world.Random.Next(3))
        {
            case 0:
                int one = _world.Random.Next(nodes.Count);
                for (int i = 0; i < nodes.Count; i++) (i == one ? inside : outside).Add(nodes[i].Machine);
                break;
            case 1:
                foreach (var node in nodes) (_world.Random.Chance(0.5) ? inside : outside).Add(node.Machine);
                break;
            default:
                inside.Add(AnyNode().Machine);
                outside.Add(AnyNode().Machine);
                if (inside[0] == outside[0]) return;
                break;
        }
        // Clients sit on either side.
        foreach (var client in _grid.Clients) (_world.Random.Chance(0.5) ? inside : outside).Add(client.Machine);
        Cut(inside, outside, oneWay, Span(0.1, 8));
    }

    private void Cut(List<SimulatedMachine> inside, List<SimulatedMachine> outside, bool oneWay, TimeSpan duration)
    {
        foreach (var x in inside)
        {
            foreach (var y in outside)
            {
                _world.Network.Block(x, y);
                if (!oneWay) _world.Network.Block(y, x);
            }
        }
        string words = _world.Trace.IsRecorded
            ? $"{(oneWay ? "nothing gets from" : "cut off:")} {string.Join(", ", inside.Select(m => m.Name))} {(oneWay ? "to" : "from")} {string.Join(", ", outside.Select(m => m.Name))}"
            : "partition";
        Last(duration, words, machine: null, () =>
        {
            foreach (var x in inside)
            {
                foreach (var y in outside)
                {
                    _world.Network.Unblock(x, y);
                    if (!oneWay) _world.Network.Unblock(y, x);
                }
            }
            _world.Network.Flush();
        });
    }

    private void ResetLink()
    {
        var (one, other) = (AnyNode().Machine, AnyNode().Machine);
        _world.Say(TraceKind.Fault, _world.Trace.IsRecorded ? $"links between {one.Name} and {other.Name} break" : "reset");
        _world.Network.Reset(one, other);
    }

    private void RefuseAddress()
    {
        var machine = AnyNode().Machine;
        if (!_world.Network.Refusing.Add(machine.Number)) return;
        Last(Span(0.3, 6), "refuses although it lives", machine, () => _world.Network.Refusing.Remove(machine.Number));
        // With its links open nobody dials it, and nobody is deceived.
        if (!_world.Random.Chance(0.5)) return;
        foreach (var other in _world.Machines)
        {
            if (other != machine) _world.Network.Reset(machine, other);
        }
    }

    private void LoseSession()
    {
        if (AnyRunning() is not { Incarnation: { } incarnation } node || !_world.Database!.LooksGone.Add(incarnation)) return;
        Last(Span(0.3, 6), "looks gone to the store although it lives", node.Machine, () => _world.Database.LooksGone.Remove(incarnation));
    }

    private void CutStore(SimulatedMachine? machine)
    {
        _world.Database!.BeginOutage(machine);
        Last(Span(0.1, 7), "does not reach the store", machine, () => _world.Database.EndOutage(machine));
    }

    private void BurstOfStoreFaults()
    {
        var rates = _faults.StoreRates;
        switch (_world.Random.Next(5))
        {
            case 0:
                rates.Refused = 0.1;
                break;
            case 1:
                rates.RequestLost = 0.1;
                break;
            case 2:
                rates.AnswerLost = 0.1;
                break;
            case 3:
                rates.PerformedLate = 0.1;
                break;
            default:
                rates.Slow = 0.3;
                break;
        }
        _world.Database!.Rates = rates;
        Last(Span(0.5, 5), "store faults", machine: null, () => _world.Database.Rates = _isCalm ? StoreFaultRates.None : _faults.StoreRates);
    }
}

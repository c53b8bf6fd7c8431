namespace ActorGrid.Jobs;

/// <content>The work of other nodes that this one does.</content>
internal sealed partial class JobRunner
{
    /// <summary>How many workers are kept for work that is on its way.</summary>
    private int Reserved => _grid?.Taker.Reserved ?? 0;

    /// <summary>Keeps a worker for another node that has work, if there is one and it may be pulled now.</summary>
    private bool PullLent() => _grid is { } grid && grid.Taker.Unsettled < options.Workers && grid.Taker.Pull();

    private LentWork? TakeLent() => _grid?.Taker.Take();

    private void Drop(Guid giver, long number)
    {
        if (_grid!.Taker.Drop(giver, number) is { } running) Cancel([running]);
    }

    /// <summary>The giver has gone. Whoever goes on with its jobs learns from us that what we had of them is no loss.</summary>
    private void DropAll(Guid giver)
    {
        var dropped = _grid!.Taker.OnGone(giver);
        Cancel([.. dropped.Where(work => work.IsRunning)]);
        foreach (var work in dropped) Return(work.Job, work.Step, work.Order.Start);
    }

    /// <summary>What this node has of others goes back to them.</summary>
    private void HaltLending()
    {
        if (_grid is not { } grid) return;
        Cancel(grid.Taker.OnHalt());
        _isPatient = true;
        Context.Timers.StartOnce(nameof(HaltDue), HaltPatience, new HaltDue());
    }
}

namespace ActorGrid.Actors;

/// <summary>What an actor arranges around its mailbox: stash and watches.</summary>
internal abstract partial class ActorCell
{
    internal void StashCurrent()
    {
        if (_phase != CellPhase.Handling || _batch is not { } current || current is ControlMail)
            throw new InvalidOperationException($"Actor {Path} handles no message that could be stashed (a timer's or a watch's cannot).");
        List<Mail> stash = Extras.Stash ??= [];
        int capacity = Extras.StashCapacity == 0 ? SpawnOptions.StashCapacityDefault : Extras.StashCapacity;
        if (stash.Count > 0 && stash[^1] == current) throw new InvalidOperationException($"Actor {Path} stashed the same message twice.");
        if (stash.Count >= capacity)
            throw new InvalidOperationException($"The stash of actor {Path} is full ({capacity} messages). Give it more in its SpawnOptions, or refuse messages.");
        stash.Add(current);
        // When the message is handled again, what was asked the first time is none of that.
        ForgetAsked();
        Extras.Lanes?.OnStashed();
    }

    internal void UnstashAll()
    {
        if (_extras?.Stash is not { Count: > 0 } stash) return;
        // The mail at hand, if there is one, stays first until its handling has ended; if it was just stashed it stays stashed.
        Mail? current = _phase == CellPhase.Handling ? _batch : null;
        int count = stash[^1] == current ? stash.Count - 1 : stash.Count;
        if (_extras.Lanes is { } lanes)
        {
            for (int i = 0; i < count; i++) _extras.Bound?.Force();
            lanes.PutBack(stash, count);
            return;
        }

        Mail? rest = current is null ? _batch : current.Next;
        for (int i = count - 1; i >= 0; i--)
        {
            _extras.Bound?.Force();
            stash[i].Next = rest;
            rest = stash[i];
        }

        stash.RemoveRange(0, count);
        if (current is null) _batch = rest;
        else current.Next = rest;
    }

    internal void Watch(ActorRef other, object? message)
    {
        Dictionary<ActorRef, Watch> watching = Extras.Watching ??= [];
        if (watching.Remove(other, out Watch? before)) before.Cancel();
        var watch = new Watch(this, other, message);
        watching.Add(other, watch);
        other.Cell.Send(new WatchSignal(watch));
    }

    internal void Unwatch(ActorRef other)
    {
        if (_extras?.Watching is not { } watching || !watching.Remove(other, out Watch? watch)) return;
        watch.Cancel();
        other.Cell.Send(new UnwatchSignal(watch));
    }
}

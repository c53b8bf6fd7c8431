namespace ActorGrid.Actors;

/// <summary>An ask that several got. It fails when all of them have failed. Replies go past it, to the promise in the message.</summary>
internal sealed class ScatteredAsk(IAsker asker, int parts)
{
    private int _open = parts;

    public IAsker Part() => new OnePart(this);

    private void FailPart(Exception reason)
    {
        if (Interlocked.Decrement(ref _open) == 0) asker.Fail(reason);
    }

    private sealed class OnePart(ScatteredAsk whole) : IAsker
    {
        private int _hasFailed;

        /// <summary>May come twice: a message that was stashed when its handler threw is handled again.</summary>
        public void Fail(Exception reason)
        {
            if (Interlocked.Exchange(ref _hasFailed, 1) == 0) whole.FailPart(reason);
        }
    }
}

using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Bounds how many readers of a subscription are at work on a node at once; the others wait in the order in which they came.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HandlerTurns(int atOnceMax)
{
    private readonly Queue<ActorRef<IReaderMessage>> _waiting = new();
    private int _free = atOnceMax;

    /// <summary>Sends the reader <see cref="ReaderTick.Go"/>, now or when a turn is free. It gives the turn back with <see cref="Leave"/>, whatever has become of it.</summary>
    public void Want(ActorRef<IReaderMessage> reader)
    {
        lock (_waiting)
        {
            if (_free == 0)
            {
                _waiting.Enqueue(reader);
                return;
            }
            _free--;
        }
        if (!reader.TryTell(ReaderTick.Go)) Leave();
    }

    public void Leave()
    {
        while (true)
        {
            ActorRef<IReaderMessage>? next;
            lock (_waiting)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _free++;
                    return;
                }
            }
            if (next.TryTell(ReaderTick.Go)) return;
        }
    }
}

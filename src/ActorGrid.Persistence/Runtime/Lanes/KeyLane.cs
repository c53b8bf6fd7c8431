using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Asks the key stores of the encrypted types, for all shards of the node: a bounded number of calls at a time, and every shard has its answer in bounded time, whatever a key store does that does not block its caller.</summary>
internal sealed class KeyLane : Actor<KeyLane.IMessage>
{
    private const int CallsMax = 16;

    /// <summary>Those that a caller waits for go before those that are only to be there.</summary>
    private readonly Queue<Request> _asked = new(), _wanted = new();

    /// <summary>Requests that were not answered yet.</summary>
    private readonly HashSet<Request> _open = [];
    private int _underWay;

    protected override ValueTask OnMessageAsync(IMessage message)
    {
        switch (message)
        {
            case Request request:
                _open.Add(request);
                Context.Timers.StartOnce(request, KeyPatience.Longest, new Late(request));
                (request.IsAsked ? _asked : _wanted).Enqueue(request);
                break;
            case Ended ended:
                _underWay--;
                Context.Timers.Cancel(ended.Request);
                Answer(ended.Request, ended.Key, ended.Error);
                break;
            case Late late:
                Answer(late.Request, null, KeyPatience.Over(late.Request.Entity));
                // Those that were answered like this are held no longer, even if no call ever ends: the oldest come first.
                Shed(_asked);
                Shed(_wanted);
                break;
        }
        while (_underWay < CallsMax && (_asked.TryDequeue(out var next) || _wanted.TryDequeue(out next)))
        {
            if (_open.Contains(next)) Start(next);
        }
        return default;
    }

    private void Shed(Queue<Request> waiting)
    {
        while (waiting.TryPeek(out var first) && !_open.Contains(first)) waiting.Dequeue();
    }

    private void Answer(Request request, EntityKey? key, Exception? error)
    {
        if (_open.Remove(request)) request.Owner.Tell(new EntityKeyEnded(request, key, error));
    }

    private void Start(Request request)
    {
        _underWay++;
        Context.PipeToSelf(
            CallAsync(request),
            key => new Ended(request, key, null),
            e => new Ended(request, null, e));
    }

    private async Task<EntityKey> CallAsync(Request request)
    {
        using var patience = new CancellationTokenSource(KeyPatience.Longest, Context.Time);
        var keys = request.Type.Options.Keys!;
        var key = request.Creates ? await keys.GetOrCreateAsync(request.Entity, patience.Token) : await keys.FindAsync(request.Entity, patience.Token);
        if (key is null || (request.Creates && key == EntityKey.None))
        {
            throw new InvalidOperationException($"{keys.GetType().Name} gave {(key is null ? "null" : $"'{key}'")} for the key of {request.Entity}.");
        }
        return key;
    }

    internal interface IMessage;

    /// <summary>Asks for the key of an entity.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="type">Its type, which is encrypted.</param>
    /// <param name="creates">Whether a key is to be made if there never was one.</param>
    /// <param name="isAsked">Whether a caller waits.</param>
    /// <param name="owner">Is told, once.</param>
    /// <param name="slot">The recovery that waits, if it is one.</param>
    /// <param name="forgetting">The call that waits, if it is one that wants the entity forgotten.</param>
    internal sealed class Request(
        EntityId entity, EntityType type, bool creates, bool isAsked, ActorRef<IShardMessage> owner, EntitySlot? slot, IEntityCall? forgetting) : IMessage
    {
        public EntityId Entity => entity;

        public EntityType Type => type;

        public bool Creates => creates;

        public bool IsAsked => isAsked;

        public ActorRef<IShardMessage> Owner => owner;

        public EntitySlot? Slot => slot;

        public IEntityCall? Forgetting => forgetting;

        /// <summary>The repair that waits, if it is one: it was tried, and is to be encrypted.</summary>
        public TrialEnded? Repair { get; init; }
    }

    private sealed record Ended(Request Request, EntityKey? Key, Exception? Error) : IMessage;

    private sealed record Late(Request Request) : IMessage;
}

/// <summary>Brings a shard what the key store says, or why it says nothing.</summary>
internal sealed record EntityKeyEnded(KeyLane.Request Request, EntityKey? Key, Exception? Error) : IShardMessage;

using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>Ends tokens of handlers. An actor of its own, since what user code has registered on a token runs within the call: if that blocks, it blocks no shard.</summary>
internal sealed class HandlerCanceller : Actor<HandlerCanceller.Ended>
{
    protected override ValueTask OnMessageAsync(Ended message)
    {
        if (message.Token.CancelInline() is { } thrown) message.Reader?.TryTell(new ReaderFault(thrown));
        return default;
    }

    /// <summary>The opening of a shard is over.</summary>
    /// <param name="Token">What its handlers were given.</param>
    /// <param name="Reader">Is told what was thrown.</param>
    internal sealed record Ended(CancellationTokenSource Token, ActorRef<IReaderMessage>? Reader);
}

using System.Runtime.CompilerServices;

namespace ActorGrid.Transport;

/// <summary>Takes whoever awaits it to a loop.</summary>
internal readonly struct LoopAwaitable(EventLoop loop) : ICriticalNotifyCompletion
{
    public bool IsCompleted => loop.IsCurrent;

    public LoopAwaitable GetAwaiter() => this;

    public void OnCompleted(Action continuation) => loop.Post(continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Post(continuation);

    public void GetResult() => _ = loop;
}

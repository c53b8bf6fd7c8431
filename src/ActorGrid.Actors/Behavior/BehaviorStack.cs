namespace ActorGrid.Actors;

/// <summary>Stands in for an actor that has become something else: the instance keeps its hooks, and only its messages go elsewhere. So an actor that never does pays nothing for it.</summary>
internal sealed class BehaviorStack<TMessage>(Actor<TMessage> instance) : Actor<TMessage>
{
    public const int DepthMax = 64;

    private readonly List<Func<TMessage, ValueTask>> _behaviors = [];

    public int Depth => _behaviors.Count;

    internal override Type Class => instance.Class;

    protected override SupervisionStrategy Supervision => instance.CurrentSupervision;

    public void Replace(Func<TMessage, ValueTask> handler)
    {
        if (_behaviors.Count == 0) _behaviors.Add(handler);
        else _behaviors[^1] = handler;
    }

    public void Push(Func<TMessage, ValueTask> handler) => _behaviors.Add(handler);

    public bool TryPop()
    {
        if (_behaviors.Count == 0) return false;
        _behaviors.RemoveAt(_behaviors.Count - 1);
        return true;
    }

    protected override ValueTask OnMessageAsync(TMessage message) => _behaviors.Count == 0 ? instance.Handle(message) : _behaviors[^1](message);

    protected override ValueTask OnStopAsync() => instance.Stop();

    protected override ValueTask OnRestartAsync(Exception reason) => instance.Restart(reason);
}

using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>A command that another node has sent: decoded here, and answered in encoded form. It ends once, with one call of its
/// completion.</summary>
/// <param name="time">The clock.</param>
/// <param name="entity">The entity.</param>
/// <param name="type">Its type.</param>
/// <param name="command">The command, decoded.</param>
/// <param name="id">Its id.</param>
/// <param name="remaining">How long the caller still waits.</param>
/// <param name="completion">Is told the outcome, on the turn of the shard; the payload may be kept. It must neither wait nor throw.</param>
internal sealed class RemoteCall(
    TimeProvider time, EntityId entity, EntityType type, object command, CommandId id, TimeSpan remaining, IRemoteCompletion completion)
    : IEntityCall, IAsker
{
    private readonly long _receivedAt = time.GetTimestamp();
    private ReadOnlyMemory<byte> _reply;
    private AskStatus _status;
    private bool _hasEnded;

    public EntityId Entity => entity;

    public EntityType Type => type;

    public object Command => command;

    public CommandId Id => id;

    /// <summary>It may have been sent before.</summary>
    public IdNovelty Novelty { get; set; } = IdNovelty.Unknown;

    public bool IsDone => time.GetElapsedTime(_receivedAt) >= remaining;

    public CallStage Stage
    {
        get;
        set
        {
            field = value;
            Trace?.Enter(value);
        }
    }

    public CallTrace? Trace { get; set; }

    public bool IsFromMemory { get; set; }

    public bool MayRunTwice { get; set; }

    public void Hold(ReadOnlyMemory<byte> reply)
    {
        _reply = reply;
        _status = AskStatus.Replied;
    }

    public void HoldRejection(string reason)
    {
        _reply = Encoding.UTF8.GetBytes(reason);
        _status = AskStatus.Rejected;
    }

    public void HoldFailure(CommandFailedException failure) => (_status, _reply) = AskFault.Encode(failure);

    public void Release() => End(_status, _reply);

    public void Fail(Exception reason)
    {
        var (status, payload) = AskFault.Encode(reason);
        End(status, payload);
    }

    public void Drop() => End(AskStatus.Expired, default);

    /// <summary>It came when the shard had done its last turn.</summary>
    void IAsker.Fail(Exception reason) => End(AskStatus.NotOwner, default);

    private void End(AskStatus status, ReadOnlyMemory<byte> payload)
    {
        // The first outcome wins, as with a promise.
        if (_hasEnded) return;
        _hasEnded = true;
        completion.OnEnded(this, status, payload);
        string? errorType = status is AskStatus.Replied or AskStatus.Rejected ? null : status.ToString();
        if (NodeMeter.ServerCallDuration.Enabled) NodeMeter.OnServed(type.MethodOf(command.GetType()), time.GetElapsedTime(_receivedAt), errorType);
        Trace?.End(errorType);
    }
}

/// <summary>Is told how a call from another node ended.</summary>
internal interface IRemoteCompletion
{
    void OnEnded(RemoteCall call, AskStatus status, ReadOnlyMemory<byte> payload);
}

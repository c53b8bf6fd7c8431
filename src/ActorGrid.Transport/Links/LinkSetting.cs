namespace ActorGrid.Transport;

/// <summary>What all links of a transport share.</summary>
/// <param name="Loop">Reads and writes control connections.</param>
/// <param name="Time">The clock.</param>
/// <param name="DataBytesMax">How much may wait to be sent on the data lane of a link.</param>
/// <param name="Budget">How much all links may hold of messages that have not come whole.</param>
/// <param name="Log">Is told why links end.</param>
internal sealed record LinkSetting(EventLoop Loop, TimeProvider Time, int DataBytesMax, ReceiveBudget Budget, TransportLog Log)
{
    /// <summary>Views travel on this lane too, so it holds the largest of them and what else gathers meanwhile.</summary>
    public int ControlBytesMax => 4 << 20;

    /// <summary>A round trip over loopback takes longer than this, a system call does not.</summary>
    public long PauseTicks { get; } = Time.TimestampFrequency / 50_000;
}

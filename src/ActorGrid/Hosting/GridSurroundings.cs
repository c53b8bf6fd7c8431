using Microsoft.Extensions.Logging;

namespace ActorGrid;

/// <summary>What a node gets from its host.</summary>
/// <param name="Time">Its clock.</param>
/// <param name="Loggers">Where it logs.</param>
/// <param name="StopTimeout">How long the host waits for a stop; infinite: as long as it takes.</param>
internal sealed record GridSurroundings(TimeProvider Time, ILoggerFactory Loggers, TimeSpan StopTimeout)
{
    /// <summary>What a part of the stop may take.</summary>
    public TimeSpan StopShare(double share) => StopTimeout == Timeout.InfiniteTimeSpan ? StopTimeout : share * StopTimeout;
}

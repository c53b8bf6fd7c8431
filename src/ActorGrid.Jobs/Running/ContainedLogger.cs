using Microsoft.Extensions.Logging;

namespace ActorGrid.Jobs;

/// <summary>A logger that never throws: a provider that is broken must not decide what becomes of a job.</summary>
internal sealed class ContainedLogger(ILogger inner) : ILogger
{
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // The one place to tell of it is the logger that has just failed; it is counted instead.
            JobMetrics.LogsLost.Add(1);
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            JobMetrics.LogsLost.Add(1);
            return false;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);
}

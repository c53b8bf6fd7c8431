using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Testing;

/// <summary>Puts what a process logs on the trace, if that is kept.</summary>
internal sealed class TraceLogger(SimulatedProcess process, string category) : ILogger
{
    private readonly string _category = category[(category.LastIndexOf('.') + 1)..];

    public static ILoggerFactory FactoryFor(SimulatedProcess process) =>
        process.World.Trace.IsRecorded ? new Factory(process) : NullLoggerFactory.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string text = $"{logLevel} {_category}: {formatter(state, exception)}{(exception is null ? "" : $" [{exception.GetType().Name}: {exception.Message}]")}";
        process.World.Trace.Add(new TraceEntry(process.World.NowTicks, TraceKind.Log, process.Machine.Number, -1, 0, 0, text));
    }

    private sealed class Factory(SimulatedProcess process) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new TraceLogger(process, categoryName);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A simulated process logs to the trace.");

        public void Dispose()
        {
        }
    }
}

using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Cluster.Tests;

/// <summary>Keeps what the nodes log, for the message of a test that fails.</summary>
internal sealed class TestLog(TimeProvider time, string node, List<string> lines) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Lines(this);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Lines(TestLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add(logLevel, formatter(state, exception), exception);
    }

    private void Add(LogLevel level, string text, Exception? exception) =>
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(0).TotalSeconds,9:F3} {node} {level}: {text} {exception}"));
}

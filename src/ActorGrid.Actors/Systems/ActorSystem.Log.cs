using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors;

public sealed partial class ActorSystem
{
    private readonly ILogger _logger;
    private readonly LogRate _subscriberFailures;

    internal void OnChildFailed(ActorCell child, Exception failure, SupervisionDecision decision)
    {
        LogLevel level = decision.Directive is Directive.Stop or Directive.Escalate ? LogLevel.Error : LogLevel.Warning;
        ActorMeter.OnFailed(decision.Directive);
        LogChildFailed(level, child.Path, decision.Directive, decision.Delay, decision.History.Count, failure);
    }

    internal void OnHookFailed(ActorCell cell, string hook, Exception failure) => LogHookFailed(cell.Path, hook, failure);

    internal void OnSubscriberFailed(Type eventClass, ActorRef? subscriber, Exception failure)
    {
        if (_subscriberFailures.TryPass(out long unlogged)) LogSubscriberFailed(eventClass, subscriber?.Path ?? "an observer", unlogged, failure);
    }

    internal void OnDispatcherRefused(ActorCell cell) => LogDispatcherRefused(cell.Path);

    [LoggerMessage(EventId = 1, Message = "Actor {Path} failed: {Directive} (delay {Delay}, restarts in the window {Restarts})")]
    private partial void LogChildFailed(LogLevel level, string path, Directive directive, TimeSpan delay, int restarts, Exception failure);

    [LoggerMessage(2, LogLevel.Error, "Actor {Path} threw in {Hook}; it goes on as if it had not")]
    private partial void LogHookFailed(string path, string hook, Exception failure);

    [LoggerMessage(3, LogLevel.Error, "Actor {Path} has work left, but its dispatcher refused it (it is disposed, or simulated and called from another thread); the work will not be done")]
    private partial void LogDispatcherRefused(string path);

    [LoggerMessage(4, LogLevel.Error, "An event of type {EventClass} did not reach {Subscriber}, whose mapping or observer threw ({Unlogged} more before it were not logged)")]
    private partial void LogSubscriberFailed(Type eventClass, string subscriber, long unlogged, Exception failure);
}

using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors;

/// <summary>Why a message reached no one.</summary>
public enum DeadLetterReason
{
    /// <summary>The actor has stopped.</summary>
    Stopped,

    /// <summary>The actor's bounded mailbox had no room.</summary>
    MailboxFull,
}

/// <summary>A message that reached no one.</summary>
/// <param name="Message">The message.</param>
/// <param name="Target">The path of the actor that it was for.</param>
/// <param name="Reason">Why it was not delivered.</param>
public sealed record DeadLetter(object? Message, string Target, DeadLetterReason Reason);

/// <summary>Counts, remembers, shows and logs the messages that reach no one. Thread-safe.</summary>
public sealed partial class DeadLetters
{
    private readonly ActorSystem _system;
    private readonly ILogger _logger;
    private readonly LogRate _logs;
    private readonly DeadLetterRing _recent;
    private long _count;

    [ThreadStatic]
    private static bool _isShowing;

    internal DeadLetters(ActorSystem system, ILogger logger, int logsPerSecond, int recentMax)
    {
        _system = system;
        _logger = logger;
        _logs = new LogRate(system.Time, logsPerSecond);
        _recent = new DeadLetterRing(recentMax);
    }

    /// <summary>How many there were.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The last of them, oldest first, as many as <see cref="ActorSystemOptions.RecentDeadLettersMax"/> says. They tell what kind of message each was and keep no message alive: who wants
    /// to see the messages themselves subscribes to <see cref="DeadLetter"/> at <see cref="ActorSystem.Events"/>.</summary>
    public IReadOnlyList<DeadLetterEntry> Recent => _recent.All();

    internal void Add(Mail mail, ActorCell target, DeadLetterReason reason)
    {
        string path = target.Path;
        object? message = mail.Content;
        Remember(message, path, reason);
        mail.Fail(reason == DeadLetterReason.Stopped ? new ActorStoppedException(path) : target.Extras.Bound!.Refuse(target));
        Show(message, path, reason);
    }

    /// <summary>For what no mailbox has taken, and nobody waits for.</summary>
    internal void Add(object? message, string target, DeadLetterReason reason)
    {
        Remember(message, target, reason);
        Show(message, target, reason);
    }

    /// <summary>First of all, so that who learns of a letter finds it here.</summary>
    private void Remember(object? message, string target, DeadLetterReason reason)
    {
        Interlocked.Increment(ref _count);
        ActorMeter.OnDeadLetter(reason);
        _recent.Add(_system.Time.GetUtcNow(), message?.GetType(), target, reason);
    }

    private void Show(object? message, string target, DeadLetterReason reason)
    {
        // A letter that a subscriber has no room for, or loses over one, is counted and remembered, and shown to nobody: or it would go on for ever.
        if (!_isShowing && _system.Events.HasSubscribers(typeof(DeadLetter)))
        {
            _isShowing = true;
            try
            {
                _system.Events.Publish(new DeadLetter(message, target, reason));
            }
            finally
            {
                _isShowing = false;
            }
        }

        if (_logger.IsEnabled(LogLevel.Warning) && _logs.TryPass(out long unlogged)) LogDeadLetter(message?.GetType().Name ?? "null", target, reason, unlogged);
    }

    [LoggerMessage(10, LogLevel.Warning, "A {Message} for actor {Path} reached no one: {Reason} ({Unlogged} more before it were not logged)")]
    private partial void LogDeadLetter(string message, string path, DeadLetterReason reason, long unlogged);
}

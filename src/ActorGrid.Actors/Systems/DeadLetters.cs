using System.Collections.Immutable;
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
    private readonly int _logsPerSecond;
    private readonly DeadLetterRing _recent;
    private readonly Lock _logging = new();
    private ImmutableArray<Action<DeadLetter>> _observers = [];
    private long _count;
    private long _secondStart;
    private int _logged;
    private long _unlogged;

    internal DeadLetters(ActorSystem system, ILogger logger, int logsPerSecond, int recentMax)
    {
        _system = system;
        _logger = logger;
        _logsPerSecond = logsPerSecond;
        _recent = new DeadLetterRing(recentMax);
        _secondStart = system.Time.GetTimestamp();
    }

    /// <summary>How many there were.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The last of them, oldest first, as many as <see cref="ActorSystemOptions.RecentDeadLettersMax"/> says. They tell what kind of message each was and keep no message alive: who wants
    /// to see the messages themselves subscribes.</summary>
    public IReadOnlyList<DeadLetterEntry> Recent => _recent.All();

    /// <summary>Shows every dead letter from now on.</summary>
    /// <param name="observer">Called on whatever thread finds the dead letter; must be quick and must not throw.</param>
    /// <returns>Dispose it to see no more.</returns>
    public IDisposable Subscribe(Action<DeadLetter> observer)
    {
        ImmutableInterlocked.Update(ref _observers, static (all, one) => all.Add(one), observer);
        return new Subscription(this, observer);
    }

    internal void Add(Mail mail, ActorCell target, DeadLetterReason reason)
    {
        string path = target.Path;
        object? message = mail.Content;
        Remember(message, path, reason);
        mail.Fail(reason == DeadLetterReason.Stopped ? new ActorStoppedException(path) : new MailboxFullException(path, target.Extras.Bound!.Capacity));
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
        if (!_observers.IsEmpty)
        {
            var letter = new DeadLetter(message, target, reason);
            foreach (Action<DeadLetter> observer in _observers) observer(letter);
        }

        Log(message, target, reason);
    }

    private void Log(object? message, string target, DeadLetterReason reason)
    {
        if (!_logger.IsEnabled(LogLevel.Warning)) return;
        long unlogged;
        lock (_logging)
        {
            if (_system.Time.GetElapsedTime(_secondStart) >= TimeSpan.FromSeconds(1))
            {
                _secondStart = _system.Time.GetTimestamp();
                _logged = 0;
            }

            if (_logged >= _logsPerSecond)
            {
                _unlogged++;
                return;
            }

            _logged++;
            unlogged = _unlogged;
            _unlogged = 0;
        }

        LogDeadLetter(message?.GetType().Name ?? "null", target, reason, unlogged);
    }

    [LoggerMessage(10, LogLevel.Warning, "A {Message} for actor {Path} reached no one: {Reason} ({Unlogged} more before it were not logged)")]
    private partial void LogDeadLetter(string message, string path, DeadLetterReason reason, long unlogged);

    private sealed class Subscription(DeadLetters letters, Action<DeadLetter> observer) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref letters._observers, static (all, one) => all.Remove(one), observer);
    }
}

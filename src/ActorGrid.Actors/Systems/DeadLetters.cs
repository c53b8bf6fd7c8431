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

/// <summary>Counts, shows and logs the messages that reach no one. Thread-safe.</summary>
public sealed partial class DeadLetters
{
    private readonly ActorSystem _system;
    private readonly ILogger _logger;
    private readonly int _logsPerSecond;
    private readonly Lock _logging = new();
    private ImmutableArray<Action<DeadLetter>> _observers = [];
    private long _count;
    private long _secondStart;
    private int _logged;
    private long _unlogged;

    internal DeadLetters(ActorSystem system, ILogger logger, int logsPerSecond)
    {
        _system = system;
        _logger = logger;
        _logsPerSecond = logsPerSecond;
        _secondStart = system.Time.GetTimestamp();
    }

    /// <summary>How many there were.</summary>
    public long Count => Interlocked.Read(ref _count);

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
        Interlocked.Increment(ref _count);
        mail.Fail(reason == DeadLetterReason.Stopped
            ? new ActorStoppedException(target.Path)
            : new MailboxFullException(target.Path, target.Extras.Bound!.Capacity));
        if (!_observers.IsEmpty)
        {
            var letter = new DeadLetter(mail.Content, target.Path, reason);
            foreach (Action<DeadLetter> observer in _observers) observer(letter);
        }

        Log(mail, target, reason);
    }

    private void Log(Mail mail, ActorCell target, DeadLetterReason reason)
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

        LogDeadLetter(mail.Content?.GetType().Name ?? "null", target.Path, reason, unlogged);
    }

    [LoggerMessage(10, LogLevel.Warning, "A {Message} for actor {Path} reached no one: {Reason} ({Unlogged} more before it were not logged)")]
    private partial void LogDeadLetter(string message, string path, DeadLetterReason reason, long unlogged);

    private sealed class Subscription(DeadLetters letters, Action<DeadLetter> observer) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref letters._observers, static (all, one) => all.Remove(one), observer);
    }
}

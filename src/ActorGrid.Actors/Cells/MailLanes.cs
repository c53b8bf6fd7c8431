using System.Numerics;

namespace ActorGrid.Actors;

/// <summary>What waits in a priority mailbox: a queue for each level. Belongs to the actor's turn; others may count and search it, which is exact while the actor stands still.</summary>
internal abstract class MailLanes(int levels)
{
    public const int LevelsMax = 32;
    private readonly Lane[] _lanes = new Lane[levels];

    /// <summary>The level of each that is in the stash, in its order: the user's function judges a message once.</summary>
    private List<byte>? _stashed;

    /// <summary>The level of the mail at hand.</summary>
    private byte _current;

    /// <summary>A bit for each level that has mail.</summary>
    private uint _occupied;

    public bool IsEmpty => _occupied == 0;

    /// <summary>How much waits; from any thread.</summary>
    public int Count { get; private set; }

    protected int LastLevel => _lanes.Length - 1;

    /// <summary>Adds what has come, oldest first, and takes the first of the most urgent level; null if there is none.</summary>
    public Mail? Exchange(Mail? arrived)
    {
        while (arrived is not null)
        {
            Mail? next = arrived.Next;
            AddLast(arrived);
            arrived = next;
        }

        return Take();
    }

    /// <summary>The mail at hand was put at the end of the stash.</summary>
    public void OnStashed() => (_stashed ??= []).Add(_current);

    /// <summary>Takes the first <paramref name="count"/> off the stash: each goes ahead of its own level, and not ahead of what is more urgent.</summary>
    public void PutBack(List<Mail> stash, int count)
    {
        for (int i = count - 1; i >= 0; i--) AddFirst(stash[i], _stashed![i]);
        stash.RemoveRange(0, count);
        _stashed!.RemoveRange(0, count);
    }

    /// <summary>Takes all, in the order in which they would have been handled.</summary>
    public Mail? TakeAll()
    {
        Mail? first = Take();
        for (Mail? last = first; last is not null; last = last.Next) last.Next = Take();
        return first;
    }

    /// <summary>Whether that ask waits among the first <paramref name="most"/> of a level; from any thread.</summary>
    public bool Holds(IAsk ask, int most)
    {
        foreach (ref readonly Lane lane in _lanes.AsSpan())
        {
            if (ActorCell.IsAmong(Volatile.Read(in lane.First), ask, most)) return true;
        }

        return false;
    }

    /// <summary>From 0 to <see cref="LastLevel"/>.</summary>
    protected abstract int LevelOf(Mail mail);

    private void AddFirst(Mail mail, int level)
    {
        ref Lane lane = ref _lanes[level];
        mail.Next = lane.First;
        lane.First = mail;
        lane.Last ??= mail;
        _occupied |= 1u << level;
        Count++;
    }

    private void AddLast(Mail mail)
    {
        int level = LevelOf(mail);
        ref Lane lane = ref _lanes[level];
        mail.Next = null;
        if (lane.Last is { } last) last.Next = mail;
        else lane.First = mail;
        lane.Last = mail;
        _occupied |= 1u << level;
        Count++;
    }

    private Mail? Take()
    {
        if (_occupied == 0) return null;
        int level = BitOperations.TrailingZeroCount(_occupied);
        _current = (byte)level;
        Count--;
        ref Lane lane = ref _lanes[level];
        Mail first = lane.First!;
        lane.First = first.Next;
        first.Next = null;
        if (lane.First is not null) return first;
        lane.Last = null;
        _occupied &= ~(1u << level);
        return first;
    }

    private struct Lane
    {
        public Mail? First;
        public Mail? Last;
    }
}

/// <summary>Asks the user's function for the level.</summary>
internal sealed class MailLanes<TMessage>(ActorCell cell, int levels, Func<TMessage, int> levelOf) : MailLanes(levels)
{
    private bool _hasLogged;

    protected override int LevelOf(Mail mail)
    {
        try
        {
            if (mail is Envelope<TMessage> envelope) return Math.Clamp(levelOf(envelope.Message), 0, LastLevel);
            return mail is ControlMail { Control.Judged: TMessage judged } ? Math.Clamp(levelOf(judged), 0, LastLevel) : LastLevel;
        }
        catch (Exception e)
        {
            // Once: a function that throws may throw for every message.
            if (!_hasLogged) cell.System.OnHookFailed(cell, "the function that prioritizes", e);
            _hasLogged = true;
            return LastLevel;
        }
    }
}

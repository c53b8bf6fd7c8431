namespace ActorGrid.Actors;

/// <summary>The timers of one actor. All calls are on its turn, except that <see cref="Timer.Expire"/> comes from the dispatcher.</summary>
internal sealed class ActorTimers(ActorCell cell)
{
    private readonly Dictionary<object, Timer> _running = [];

    public void Start(object key, TimeSpan delay, TimeSpan period, object? message)
    {
        Cancel(key);
        var timer = new Timer(cell, this, key, period, message);
        _running.Add(key, timer);
        cell.System.Deadlines.Add(timer, delay);
    }

    public bool Cancel(object key)
    {
        if (!_running.Remove(key, out Timer? timer)) return false;
        timer.Cancel();
        return true;
    }

    public bool IsRunning(object key) => _running.ContainsKey(key);

    public void CancelAll()
    {
        foreach (Timer timer in _running.Values) timer.Cancel();
        _running.Clear();
    }

    private sealed class Timer(ActorCell cell, ActorTimers timers, object key, TimeSpan period, object? message) : IDeadline, IControl
    {
        private bool _isDone;

        /// <summary>Read by the sweep of the deadlines. A late look costs a mail that is then found to be cancelled.</summary>
        public bool IsDone => Volatile.Read(ref _isDone);

        public void Cancel() => Volatile.Write(ref _isDone, true);

        public object? Judged => message;

        public void Expire() => cell.Post(new ControlMail(this));

        public bool TryTake(ActorCell owner, out object? content)
        {
            content = message;
            if (_isDone) return false;
            if (period > TimeSpan.Zero)
            {
                cell.System.Deadlines.Add(this, period);
            }
            else
            {
                _isDone = true;
                timers._running.Remove(key);
            }

            return true;
        }
    }
}

using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <content>
/// How somebody here hears of a job that is in hand on another node. That node is asked to tell, again and again; and while it does not, the job's
/// entity is asked, which knows what is durable.
/// </content>
internal sealed partial class JobRunner
{
    private static readonly TimeSpan FollowFirst = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FollowMax = TimeSpan.FromSeconds(2);

    private readonly Dictionary<EntityId, Following> _following = [];
    private readonly JobFollowers _followers = new();

    private void Follow(EntityId id)
    {
        if (_grid is null || _following.ContainsKey(id)) return;
        _following.Add(id, new Following());
        OnFollowDue(id);
    }

    private void OnFollowDue(EntityId id)
    {
        if (!_following.TryGetValue(id, out var following)) return;
        if (_isHalted || !_watchers.Has(id) || _runs.ContainsKey(id))
        {
            Unfollow(id);
            return;
        }
        var owner = _grid!.Peers.OwnerOf(id);
        if (owner != Guid.Empty) _grid.Post.Send(owner, new JobFollowed(id));
        if (!following.IsFresh(Context.Time)) Look(id, following);
        var delay = FollowFirst * (1 << Math.Min(following.Tries++, 8));
        Context.Timers.StartOnce(following, delay < FollowMax ? delay : FollowMax, new FollowDue(id));
    }

    private void Look(EntityId id, Following following)
    {
        if (following.IsAsking) return;
        following.IsAsking = true;
        Context.PipeToSelf(AskHowItGoes(id), reply => new Followed(id, reply.Job), error => new FollowFailed(id, error));
    }

    private Task<JobReply> AskHowItGoes(EntityId id)
    {
        try
        {
            return _router!.AskAsync(id, new GetJob());
        }
        catch (Exception error)
        {
            return Task.FromException<JobReply>(error);
        }
    }

    private void OnFollowed(EntityId id, JobInfo? job)
    {
        if (!_following.TryGetValue(id, out var following)) return;
        following.IsAsking = false;
        if (job is null || _runs.ContainsKey(id) || following.IsFresh(Context.Time)) return;
        following.Rate.Add(Context.Time, job.UnitsDone);
        Heard(id, JobProgress.Of(job, following.Rate.PerSecond(Context.Time)));
    }

    private void OnFollowFailed(EntityId id, Exception error)
    {
        if (!_following.TryGetValue(id, out var following)) return;
        following.IsAsking = false;
        // What passes by itself is waited out.
        if (error is Actors.AskTimeoutException or Actors.OverloadedException or OwnershipLostException or StoreException { IsTransient: true }) return;
        Unfollow(id);
        _watchers.Fail(id, error);
    }

    private void OnNoticed(EntityId id, JobProgress? progress)
    {
        if (!_following.TryGetValue(id, out var following)) return;
        following.NoticedAt = progress is null ? null : Context.Time.GetTimestamp();
        if (progress is not null) Heard(id, progress);
        else Look(id, following);
    }

    private void Heard(EntityId id, JobProgress progress)
    {
        _watchers.Publish(id, progress);
        if (progress.IsFinal) Unfollow(id);
    }

    private void Unfollow(EntityId id)
    {
        if (_following.Remove(id, out var following)) Context.Timers.Cancel(following);
    }

    private void OnFollower(Guid peer, EntityId id)
    {
        bool isHere = _runs.TryGetValue(id, out var run) && _followers.TryAdd(id, peer, Context.Time);
        _grid!.Post.Send(peer, new JobNoticed(id, isHere ? Progress(run!) : null));
    }

    /// <summary>Tells those on other nodes who follow a job.</summary>
    private void Notify(EntityId id, JobProgress progress)
    {
        foreach (var peer in _followers.Of(id, Context.Time)) _grid!.Post.Send(peer, new JobNoticed(id, progress));
        if (progress.IsFinal) _followers.Remove(id);
    }

    /// <summary>Tells those on other nodes who follow a job that it is not in hand here any more, unless they know that it has ended.</summary>
    private void NotifyLeft(EntityId id, bool hasEnded)
    {
        if (hasEnded) return;
        foreach (var peer in _followers.Of(id, Context.Time)) _grid!.Post.Send(peer, new JobNoticed(id, Progress: null));
        _followers.Remove(id);
    }

    /// <summary>A job in hand elsewhere.</summary>
    private sealed class Following
    {
        public RateMeter Rate { get; } = new();

        public int Tries { get; set; }

        public bool IsAsking { get; set; }

        /// <summary>When its node last told of it, as a timestamp; null: it does not.</summary>
        public long? NoticedAt { get; set; }

        public bool IsFresh(TimeProvider time) => NoticedAt is { } at && time.GetElapsedTime(at) < FollowMax;
    }
}

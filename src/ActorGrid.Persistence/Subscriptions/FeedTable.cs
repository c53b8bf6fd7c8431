using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The feeds of a node: one for each shard that it has ever served and each subscription.</summary>
/// <remarks>Thread-safe: each shard reports on its own turn.</remarks>
internal sealed class FeedTable(ActorSystem system, ReaderSetting[] settings) : IShardFollower
{
    private readonly Lock _gate = new();
    private readonly ActorRef<HandlerCanceller.Ended>? _canceller = settings.Length == 0 ? null : system.Spawn(static () => new HandlerCanceller());

    /// <summary>By the number of the shard.</summary>
    private readonly SortedDictionary<int, ShardFeed[]> _feeds = [];
    private readonly List<ActorRef<IReaderMessage>> _readers = [];
    private bool _isStarted, _isStopped;

    public void Start()
    {
        lock (_gate)
        {
            if (_isStarted || _isStopped) return;
            _isStarted = true;
            foreach (var (shard, feeds) in _feeds) AddReaders(new ShardId(shard), feeds);
        }
    }

    /// <summary>Ends all feeds, and gives the readers, which stop.</summary>
    public IReadOnlyList<ActorRef<IReaderMessage>> Stop()
    {
        List<ShardFeed> left = [];
        lock (_gate)
        {
            if (_isStopped) return _readers;
            _isStopped = true;
            foreach (var feeds in _feeds.Values) left.AddRange(feeds);
        }
        foreach (var feed in left) feed.Leave(owner: null);
        foreach (var reader in _readers) reader.TryTell(ReaderTick.Stop);
        return _readers;
    }

    public void OnOpened(ShardId shard, object owner, Epoch epoch, long lastOffset)
    {
        foreach (var feed in FeedsOf(shard)) feed.Open(owner, epoch, lastOffset);
    }

    public void OnCommitted(ShardId shard, object owner, long lastOffset)
    {
        foreach (var feed in Find(shard)) feed.Commit(owner, lastOffset);
    }

    public void OnLeft(ShardId shard, object owner)
    {
        foreach (var feed in Find(shard)) feed.Leave(owner);
    }

    private ShardFeed[] Find(ShardId shard)
    {
        lock (_gate) return _feeds.GetValueOrDefault(shard.Value) ?? [];
    }

    private ShardFeed[] FeedsOf(ShardId shard)
    {
        lock (_gate)
        {
            if (_isStopped) return [];
            if (_feeds.TryGetValue(shard.Value, out var feeds)) return feeds;
            feeds = [.. settings.Select(setting => new ShardFeed(setting.Subscription.Name, _canceller!))];
            _feeds.Add(shard.Value, feeds);
            if (_isStarted) AddReaders(shard, feeds);
            return feeds;
        }
    }

    private void AddReaders(ShardId shard, ShardFeed[] feeds)
    {
        for (int i = 0; i < feeds.Length; i++)
        {
            var (setting, feed) = (settings[i], feeds[i]);
            _readers.Add(system.Spawn(() => new ShardReader(setting, shard, feed)));
        }
    }
}

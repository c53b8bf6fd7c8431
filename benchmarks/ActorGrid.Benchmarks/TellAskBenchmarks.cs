using ActorGrid.Actors;
using BenchmarkDotNet.Attributes;

namespace ActorGrid.Benchmarks;

/// <summary>One tell and one ask from code on the thread pool, with what they allocate: <c>bdn --filter *TellAsk*</c>.</summary>
[MemoryDiagnoser]
public class TellAskBenchmarks
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly ActorSystem _system = new();
    private ActorRef<Question> _target = null!;
    private ActorRef<object> _sink = null!;

    [GlobalSetup]
    public void Setup()
    {
        _target = _system.Spawn(() => new Answerer());
        _sink = _system.Spawn(() => new Sink());
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _system.StopAsync();

    [Benchmark]
    public void Tell() => _sink.Tell(this);

    [Benchmark]
    public Task<int> AskAsync() => _target.AskAsync<int>(static r => new Question(r), Timeout);

    private sealed record Question(ReplyTo<int> ReplyTo);

    private sealed class Answerer : Actor<Question>
    {
        protected override ValueTask OnMessageAsync(Question message)
        {
            message.ReplyTo.Reply(1);
            return default;
        }
    }

    private sealed class Sink : Actor<object>
    {
        protected override ValueTask OnMessageAsync(object message) => default;
    }
}

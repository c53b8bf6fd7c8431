using ActorGrid.Cluster;

namespace ActorGrid.Transport.Tests;

/// <summary>A pool whose threads are all stuck must not make a node look dead. By itself, since it starves the other tests too.</summary>
[Collection(nameof(StarvedPoolTests))]
[CollectionDefinition(nameof(StarvedPoolTests), DisableParallelization = true)]
public sealed class StarvedPoolTests
{
    [Fact]
    public async Task Control_frames_and_the_end_of_a_link_need_no_thread_of_the_pool()
    {
        await using var server = await TestNode.ServerAsync();
        await using var client = await TestNode.ClientAsync();
        var (near, far) = await client.LinkToAsync(server);
        var (came, closed, release) = (new ManualResetEventSlim(), new ManualResetEventSlim(), new ManualResetEventSlim());
        client.Receiver.OnFrameCame = (_, _, _) => came.Set();
        client.Receiver.OnLinkClosed = _ => closed.Set();
        server.Receiver.OnFrameCame = (link, frame, lane) => link.Send(frame, lane);
        for (int i = 0; i < 200; i++) ThreadPool.UnsafeQueueUserWorkItem(release => release.Wait(TimeSpan.FromSeconds(60)), release, preferLocal: false);
        try
        {
            Assert.True(near.Send([1], Lane.Control));
            Assert.True(came.Wait(TimeSpan.FromSeconds(10)), "The echo of a control frame has not come while the pool was busy.");
            far.Close();
            Assert.True(closed.Wait(TimeSpan.FromSeconds(10)), "The end of a link was not told while the pool was busy.");
        }
        finally
        {
            release.Set();
        }
    }
}

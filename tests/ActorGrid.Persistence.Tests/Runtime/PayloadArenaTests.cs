namespace ActorGrid.Persistence.Tests;

public sealed class PayloadArenaTests
{
    [Fact]
    public void Payloads_stay_as_they_were_written_whatever_comes_after()
    {
        var arena = new PayloadArena();
        var random = new SeededRandom(7);
        var written = new List<(byte[] Expected, ReadOnlyMemory<byte> Actual)>();
        for (int i = 0; i < 2000; i++)
        {
            byte[] payload = new byte[random.Next(0, 300) * (i % 100 == 0 ? 1000 : 1)];
            random.NextBytes(payload);
            for (int at = 0; at < payload.Length;)
            {
                int piece = Math.Min(payload.Length - at, 1 + random.Next(100));
                payload.AsSpan(at, piece).CopyTo(arena.GetSpan(piece));
                arena.Advance(piece);
                at += piece;
            }
            if (i % 10 == 3) arena.Abandon();
            else written.Add((payload, arena.Take()));
        }
        Assert.All(written, w => Assert.True(w.Actual.Span.SequenceEqual(w.Expected)));
    }
}

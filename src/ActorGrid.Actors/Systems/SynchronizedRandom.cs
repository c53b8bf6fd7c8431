namespace ActorGrid.Actors;

/// <summary>A seeded source of randomness that several threads may use.</summary>
internal sealed class SynchronizedRandom(int seed) : Random(seed)
{
    private readonly Lock _using = new();

    public override int Next()
    {
        lock (_using) return base.Next();
    }

    public override int Next(int maxValue)
    {
        lock (_using) return base.Next(maxValue);
    }

    public override int Next(int minValue, int maxValue)
    {
        lock (_using) return base.Next(minValue, maxValue);
    }

    public override long NextInt64()
    {
        lock (_using) return base.NextInt64();
    }

    public override long NextInt64(long maxValue)
    {
        lock (_using) return base.NextInt64(maxValue);
    }

    public override long NextInt64(long minValue, long maxValue)
    {
        lock (_using) return base.NextInt64(minValue, maxValue);
    }

    public override float NextSingle()
    {
        lock (_using) return base.NextSingle();
    }

    public override double NextDouble()
    {
        lock (_using) return base.NextDouble();
    }

    public override void NextBytes(byte[] buffer)
    {
        lock (_using) base.NextBytes(buffer);
    }

    public override void NextBytes(Span<byte> buffer)
    {
        lock (_using) base.NextBytes(buffer);
    }

    protected override double Sample()
    {
        lock (_using) return base.Sample();
    }
}

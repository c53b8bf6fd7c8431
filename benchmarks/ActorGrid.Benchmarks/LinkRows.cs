using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorGrid.Cluster;
using ActorGrid.Transport;

namespace ActorGrid.Benchmarks;

/// <summary>A link over loopback, both its ends in this process: frames of 100 bytes one way, and there and back.</summary>
internal static class LinkRows
{
    private const int FrameBytes = 100;

    public static void Run(Rows rows)
    {
        foreach (var tls in new[] { null, Certificates() })
        {
            string name = tls is null ? "TCP" : "TLS 1.3 mutual";
            if (!rows.Wants(name)) continue;
            using var pair = new Pair(tls);
            rows.Rate($"{name}: one way, 1 sender", "M frames/s", 1e6, 2_000_000, pair.OneWay);
            rows.Figure($"{name}: there and back, 1 outstanding, p50", "us", () => pair.RoundTrips(20_000, 0.5));
            rows.Figure($"{name}: there and back, 1 outstanding, p99", "us", () => pair.RoundTrips(20_000, 0.99));
            rows.Rate($"{name}: there and back, 256 outstanding", "k/s", 1e3, 500_000, n => pair.Outstanding(n, 256));
        }
    }

    private static TlsOptions Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new TlsOptions { Certificate = certificate, Authority = certificate };
    }

    /// <summary>Two nodes with a link.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly TcpTransport _server, _client;
        private readonly Far _far = new();
        private readonly Near _near = new();
        private readonly ILink _link;

        public Pair(TlsOptions? tls)
        {
            _server = new TcpTransport(new TcpTransportOptions { Host = "127.0.0.1", Tls = tls });
            _client = new TcpTransport(new TcpTransportOptions { Tls = tls });
            _server.OpenAsync().GetAwaiter().GetResult();
            _client.OpenAsync().GetAwaiter().GetResult();
            _server.Start(new NodeHello("bench", Guid.NewGuid(), "far", _server.Endpoint), _far);
            _client.Start(new NodeHello("bench", Guid.NewGuid(), "near", ""), _near);
            _client.Dial(_server.Endpoint);
            _link = _near.Opened.Task.GetAwaiter().GetResult();
        }

        public void OneWay(long count)
        {
            var frame = new byte[FrameBytes];
            _near.Expect(1);
            for (long i = 0; i < count; i++)
            {
                frame[0] = i == count - 1 ? (byte)1 : (byte)0;
                Send(frame);
            }
            _near.Done.Wait();
        }

        public double RoundTrips(int count, double percentile)
        {
            var frame = new byte[FrameBytes];
            frame[0] = 1;
            var times = new List<long>(count);
            var next = new TaskCompletionSource();
            long start = 0;
            int left = count;
            // Who is told of the answer asks again: what is measured is the link, and no thread that waits beside it.
            _near.Echo = link =>
            {
                times.Add(Stopwatch.GetTimestamp() - start);
                if (--left == 0) next.SetResult();
                else
                {
                    start = Stopwatch.GetTimestamp();
                    link.Send(frame, Lane.Data);
                }
            };
            start = Stopwatch.GetTimestamp();
            Send(frame);
            next.Task.GetAwaiter().GetResult();
            _near.Echo = null;
            times.Sort();
            return times[(int)(times.Count * percentile)] * 1e6 / Stopwatch.Frequency;
        }

        public void Outstanding(long count, int window)
        {
            var frame = new byte[FrameBytes];
            frame[0] = 1;
            long left = count - window;
            _near.Expect(count);
            _near.EchoAgain = link =>
            {
                if (left-- > 0 && !link.Send(frame, Lane.Data)) throw new InvalidOperationException("The link took nothing.");
            };
            for (int i = 0; i < window; i++) Send(frame);
            _near.Done.Wait();
            _near.EchoAgain = null;
        }

        public void Dispose()
        {
            _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        private void Send(byte[] frame)
        {
            while (!_link.Send(frame, Lane.Data)) Thread.Yield();
        }
    }

    /// <summary>Sends back what asks for it.</summary>
    private sealed class Far : ITransportReceiver
    {
        public void OnOpened(ILink link)
        {
        }

        public void OnFrame(ILink link, ReadOnlySpan<byte> frame, Lane lane)
        {
            if (frame[0] == 1 && !link.Send(frame, lane)) throw new InvalidOperationException("The link took nothing.");
        }

        public void OnClosed(ILink link)
        {
        }

        public void OnDialFailed(string endpoint, DialFailure failure)
        {
        }
    }

    private sealed class Near : ITransportReceiver
    {
        private long _expected;

        public TaskCompletionSource<ILink> Opened { get; } = new();

        public ManualResetEventSlim Done { get; } = new();

        public Action<ILink>? Echo { get; set; }

        public Action<ILink>? EchoAgain { get; set; }

        public void Expect(long count)
        {
            Done.Reset();
            _expected = count;
        }

        public void OnOpened(ILink link) => Opened.TrySetResult(link);

        public void OnFrame(ILink link, ReadOnlySpan<byte> frame, Lane lane)
        {
            if (Echo is { } echo)
            {
                echo(link);
                return;
            }
            EchoAgain?.Invoke(link);
            if (--_expected == 0) Done.Set();
        }

        public void OnClosed(ILink link)
        {
        }

        public void OnDialFailed(string endpoint, DialFailure failure) => Opened.TrySetException(new InvalidOperationException($"{endpoint}: {failure}"));
    }
}

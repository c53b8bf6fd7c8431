using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Cluster;

/// <summary>The services of a node.</summary>
internal sealed partial class ClusterServices(NodeParts parts, ILogger logger) : IClusterServices, IMessageReceiver
{
    private readonly ConcurrentDictionary<string, Action<NodeHello, ReadOnlyMemory<byte>>> _handlers = new(StringComparer.Ordinal);
    private ImmutableArray<Action> _callbacks = [];

    public Guid Incarnation => parts.Standing?.Incarnation ?? Guid.Empty;

    public IReadOnlyList<NodeHello> Reachable => parts.Standing is { IsOver: false } standing
        ? [.. standing.Links.OrderBy(l => l.Key).Select(l => l.Value.Peer)]
        : [];

    public IDisposable Register(string service, Action<NodeHello, ReadOnlyMemory<byte>> handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentNullException.ThrowIfNull(handler);
        if (Encoding.UTF8.GetByteCount(service) > WireLimits.ServiceBytesMax)
        {
            throw new ArgumentException($"The name of a service has at most {WireLimits.ServiceBytesMax} bytes; '{service}' is longer.", nameof(service));
        }
        if (!_handlers.TryAdd(service, handler)) throw new InvalidOperationException($"The service '{service}' is registered already: give this one another name.");
        return new Registration(() => _handlers.TryRemove(KeyValuePair.Create(service, handler)));
    }

    public bool Send(Guid incarnation, string service, ReadOnlySpan<byte> payload)
    {
        if (parts.Standing is not { IsOver: false } standing || !standing.Links.TryGetValue(incarnation, out var link)) return false;
        byte[] frame = new byte[WireCodec.ServiceBytesMax(service, payload.Length)];
        return link.Send(frame.AsSpan(0, WireCodec.EncodeService(service, payload, frame)), Lane.Data);
    }

    public IDisposable OnChanged(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ImmutableInterlocked.Update(ref _callbacks, static (all, one) => all.Add(one), callback);
        return new Registration(() => ImmutableInterlocked.Update(ref _callbacks, static (all, one) => all.Remove(one), callback));
    }

    public void OnChanged()
    {
        foreach (var callback in _callbacks)
        {
            try
            {
                callback();
            }
            catch (Exception e)
            {
                LogThrew("the callback of a change", e);
            }
        }
    }

    public void Receive(Standing standing, ILink link, WireMessage message)
    {
        var sent = (ServiceSent)message;
        // One that this node does not offer: it may run another version. At most once means that it may be lost.
        if (standing.IsOver || !_handlers.TryGetValue(sent.Service, out var handler)) return;
        try
        {
            handler(link.Peer, sent.Payload);
        }
        catch (Exception e)
        {
            LogThrew(sent.Service, e);
        }
    }

    private sealed class Registration(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

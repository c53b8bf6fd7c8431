using System.Net;
using System.Net.Sockets;
using ActorGrid.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Transport;

/// <summary>Says what the transport refuses: all is counted, and of each address one refusal of a kind a minute is logged.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class TransportLog(ILogger logger, TimeProvider time)
{
    private const int AddressesMax = 1024;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Address, Refusal Refusal), long> _loggedAt = [];

    /// <summary>How an address is named.</summary>
    public static string AddressOf(EndPoint? from) => (from as IPEndPoint)?.Address.ToString() ?? "an unknown address";

    /// <summary>A connection from somebody was refused.</summary>
    public void OnRefused(EndPoint? from, Refusal refusal, string why)
    {
        TransportMeter.OnRefused(refusal);
        string address = AddressOf(from);
        if (MayLog(address, refusal)) LogRefused(address, refusal, why);
    }

    /// <summary>Somebody who was dialled does not want this node, or is not what this node wants.</summary>
    public void OnDialRefused(string endpoint, Refusal refusal, string why)
    {
        TransportMeter.OnRefused(refusal);
        if (MayLog(endpoint, refusal)) LogDialRefused(endpoint, why);
    }

    /// <summary>A link ends by itself: the peer closed it, which is nothing to speak of, or there is a fault.</summary>
    public void OnLinkEnded(TcpLink link, Lane lane, Exception? why)
    {
        if (why is RefusedException refused)
        {
            TransportMeter.OnRefused(refused.Refusal);
            if (MayLog(link.Address, refused.Refusal)) LogMalformed(link.Peer.Name, link.Address, lane, refused.Message);
        }
        else if (why is null or IOException or SocketException or ObjectDisposedException)
        {
            LogLinkEnded(link.Peer.Name, link.Address, lane, why?.Message ?? "the peer has closed it");
        }
        else
        {
            OnDefect(why);
        }
    }

    public void OnDefect(Exception fault) => LogDefect(fault);

    public void OnAcceptFailed(Exception fault)
    {
        if (MayLog("accept", Refusal.None)) LogAcceptFailed(fault);
    }

    private bool MayLog(string address, Refusal refusal)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            if (_loggedAt.TryGetValue((address, refusal), out long at) && time.GetElapsedTime(at, now) < Quiet) return false;
            if (_loggedAt.Count >= AddressesMax)
            {
                foreach (var old in _loggedAt.Where(e => time.GetElapsedTime(e.Value, now) >= Quiet).Select(e => e.Key).ToList()) _loggedAt.Remove(old);
                // So many addresses in a minute: what is not logged is counted.
                if (_loggedAt.Count >= AddressesMax) return false;
            }
            _loggedAt[(address, refusal)] = now;
            return true;
        }
    }
}

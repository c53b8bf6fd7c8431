using System.Globalization;
using System.Net;

namespace ActorGrid.Transport;

/// <summary>Endpoints as text: host, colon, port; an address of IPv6 is in brackets.</summary>
internal static class Address
{
    public static string Join(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{(IsBareIPv6(host) ? $"[{host}]" : host)}:{port}");

    /// <summary>Takes an endpoint apart.</summary>
    /// <exception cref="ArgumentException">It is not an endpoint.</exception>
    public static (string Host, int Port) Split(string endpoint)
    {
        int colon = endpoint.LastIndexOf(':');
        string host = colon > 0 ? endpoint[..colon] : "";
        if (host is ['[', .. var inner, ']']) host = inner;
        else if (host.Contains(':', StringComparison.Ordinal)) host = "";
        return host.Length > 0 && int.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65_535
            ? (host, port)
            : throw new ArgumentException($"'{endpoint}' is no endpoint: write host:port, as in 10.0.0.1:5300, grid.local:5300 or [::1]:5300.", nameof(endpoint));
    }

    private static bool IsBareIPv6(string host) => host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out _);
}

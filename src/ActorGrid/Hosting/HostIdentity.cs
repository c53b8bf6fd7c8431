using ActorGrid.Cluster;

namespace ActorGrid;

/// <summary>What tells apart the places where processes can listen at one endpoint.</summary>
internal static class HostIdentity
{
    /// <summary>Where this process listens, as <see cref="ClusterSetting.Host"/> wants it; null if the operating system does not tell.</summary>
    /// <param name="address">The address, or the name of one, that it is set up to listen at: two processes may listen at the same port of two addresses of one host,
    /// and advertise the same endpoint.</param>
    /// <remarks>The number of a network namespace is given away again only when no process is left in it. Windows tells no number of its boot.</remarks>
    public static string? Of(string address)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            string? network = new FileInfo("/proc/self/ns/net").LinkTarget;
            if (boot.Length == 0 || string.IsNullOrEmpty(network)) return null;
            string host = $"{boot} {network} {address}";
            return host.Length <= Member.HostLengthMax ? host : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A sandbox that hides them.
            return null;
        }
    }
}

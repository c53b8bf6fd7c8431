using ActorGrid.Cluster;

namespace ActorGrid.Tests;

public sealed class HostIdentityTests
{
    [Fact]
    public void ItIsTheSameForTheSameAddressAndFitsAMember()
    {
        string? host = HostIdentity.Of("127.0.0.1");
        Assert.Equal(host, HostIdentity.Of("127.0.0.1"));
        if (!OperatingSystem.IsLinux()) return;
        Assert.Contains("net:[", host, StringComparison.Ordinal);
        Assert.InRange(host!.Length, 40, Member.HostLengthMax);
        Assert.NotEqual(host, HostIdentity.Of("127.0.0.2"));
    }
}

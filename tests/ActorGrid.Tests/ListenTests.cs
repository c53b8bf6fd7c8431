using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;

namespace ActorGrid.Tests;

/// <summary>Nodes that reach each other by TCP.</summary>
public sealed class ListenTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorgrid-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nodes_on_one_sqlite_file_find_each_other_and_go_on_when_one_leaves()
    {
        using var first = await Hosts.StartAsync(OnFile);
        var second = await Hosts.StartAsync(OnFile);
        using var client = await Hosts.StartAsync(grid => Configure(grid.UseSqlite(File)).AsClient());
        for (int i = 0; i < 40; i++) Assert.Equal(1m, await Ask(client, i));
        Assert.Equal(2, client.Grid().View!.Members.Length);

        await second.StopAsync().WaitAsync(Hosts.Patience);
        second.Dispose();
        for (int i = 0; i < 40; i++) Assert.Equal(2m, await Ask(client, i));
    }

    [Fact]
    public async Task Nodes_speak_by_tls()
    {
        using var authority = MakeAuthority();
        using var certificate = Sign(authority);
        var memory = new SharedMemory();
        Action<GridBuilder> withTls = grid => Configure(memory.Use(grid)).Listen("127.0.0.1", 0).UseTls(certificate, authority);
        using var first = await Hosts.StartAsync(withTls);
        using var second = await Hosts.StartAsync(withTls);
        for (int i = 0; i < 40; i++) Assert.Equal(1m, await Ask(i % 2 == 0 ? first : second, i));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await FailsAsync($"127.0.0.1:{port}", grid => grid.Listen("127.0.0.1", port));
    }

    [Fact]
    public Task Beyond_loopback_it_takes_tls_or_a_word() => FailsAsync("AllowPlaintextBeyondLoopback", grid => grid.Listen("0.0.0.0", 0, "localhost"));

    [Fact]
    public async Task A_lease_longer_than_the_patience_of_the_server_is_refused_before_anything_is_opened()
    {
        using var host = Hosts.Build(grid => grid.UsePostgreSql("Host=nowhere.invalid").Listen("127.0.0.1", 0).Configure(o => o.Cluster.LeaseDuration = TimeSpan.FromSeconds(10)));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Contains("SessionPatience", e.Message, StringComparison.Ordinal);
        Assert.Contains("LeaseDuration (00:00:10)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_are_given_once()
    {
        using var authority = MakeAuthority();
        Assert.Throws<InvalidOperationException>(() => Hosts.Build(grid => grid.UseTls(authority, authority).UseTls(authority, authority)));
    }

    private string File => Path.Combine(_folder.FullName, "grid.db");

    private static GridBuilder Configure(GridBuilder grid) => grid.AddEntity<Account>("account", AccountJson.Default);

    private static Task<decimal> Ask(IHost host, int account) => host.Grid().Entity<Account>($"account-{account}").AskAsync(new Deposit(1m));

    private void OnFile(GridBuilder grid) => Configure(grid.UseSqlite(File)).Listen("127.0.0.1", 0);

    private static async Task FailsAsync(string reason, Action<GridBuilder> listen)
    {
        var memory = new SharedMemory();
        using var host = Hosts.Build(grid => listen(memory.Use(grid)));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync().WaitAsync(Hosts.Patience));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 MakeAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=the authority of the grid", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Sign(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a node", key, HashAlgorithmName.SHA256);
        // For servers and for clients.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        return certificate.CopyWithPrivateKey(key);
    }
}

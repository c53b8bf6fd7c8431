using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorGrid.PostgreSql.Server;

/// <summary>A throwaway PostgreSQL server: a folder of its own, a free port, <c>fsync</c> on, not root; gone with the process that started it.</summary>
/// <remarks>Used by one caller at a time.</remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder;
    private readonly string _binaries;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private Process? _server, _leash;

    private PostgresServer(string binaries, string host, IReadOnlyDictionary<string, string> settings)
    {
        (_binaries, Host, _settings) = (binaries, host, settings);
        _folder = Directory.CreateTempSubdirectory("actorgrid-postgres-");
        Port = FreePort(host);
    }

    /// <summary>Why no server can be started here, or null if one can.</summary>
    public static string? WhyNone => FindBinaries() is null
        ? "There is no PostgreSQL server on this machine. Install one (Debian: apt-get install postgresql)."
        : null;

    /// <summary>The address that it listens on.</summary>
    public string Host { get; }

    /// <summary>The port that it listens on, the same after a restart.</summary>
    public int Port { get; }

    /// <summary>The process of the server, the parent of all its sessions.</summary>
    public int ProcessId => _server?.Id ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>The folder of the data, which goes with the server.</summary>
    public string DataFolder => Path.Combine(_folder.FullName, "data");

    /// <summary>Reaches the server as its superuser, without a password.</summary>
    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host={Host};Port={Port};Username=postgres;Database=postgres");

    /// <summary>Makes a database cluster and starts a server on it.</summary>
    /// <param name="host">The address to listen on.</param>
    /// <param name="settings">Settings of the server (<c>postgresql.conf</c>) beside or instead of its defaults.</param>
    /// <exception cref="InvalidOperationException">There is no PostgreSQL here, or it did not start; the message holds its log.</exception>
    public static async Task<PostgresServer> StartAsync(string host = "127.0.0.1", IReadOnlyDictionary<string, string>? settings = null)
    {
        return await StartAsync(host, settings, async server =>
        {
            await RunAsync(Account.Command(
                [Path.Combine(server._binaries, "initdb"), "-D", server.DataFolder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]));
            if (string.Equals(host, "127.0.0.1", StringComparison.Ordinal)) return;
            await File.AppendAllTextAsync(Path.Combine(server.DataFolder, "pg_hba.conf"), "host all all all trust\n");
        });
    }

    /// <summary>Starts a standby of a server, which follows it by streaming; on the same host, with settings of its own.</summary>
    /// <param name="primary">A server that runs.</param>
    /// <param name="settings">As for <see cref="StartAsync(string, IReadOnlyDictionary{string, string}?)"/>.</param>
    /// <exception cref="InvalidOperationException">It did not start; the message holds its log.</exception>
    public static Task<PostgresServer> StartStandbyAsync(PostgresServer primary, IReadOnlyDictionary<string, string>? settings = null) =>
        StartAsync(primary.Host, settings, server => RunAsync(Account.Command(
            [Path.Combine(server._binaries, "pg_basebackup"), "-D", server.DataFolder, "-h", primary.Host, "-p", Text(primary.Port), "-U", "postgres", "-c", "fast", "-R", "--no-sync"])));

    /// <summary>Makes a standby the primary, on a new timeline, and waits until it is.</summary>
    public Task PromoteAsync() => RunAsync(Account.Command([Path.Combine(_binaries, "pg_ctl"), "promote", "-w", "-D", DataFolder]));

    private static async Task<PostgresServer> StartAsync(string host, IReadOnlyDictionary<string, string>? settings, Func<PostgresServer, Task> make)
    {
        string binaries = FindBinaries() ?? throw new InvalidOperationException(WhyNone);
        var server = new PostgresServer(binaries, host, settings ?? new Dictionary<string, string>(StringComparer.Ordinal));
        try
        {
            if (Account.IsNeeded) await RunAsync("chown", [Account.Name, server._folder.FullName]);
            await make(server);
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server again, after <see cref="StopAsync"/> or <see cref="KillAsync"/>, on the same port.</summary>
    public async Task StartAgainAsync()
    {
        if (_server is not null) throw new InvalidOperationException("The server is running.");
        string[] own = ["-D", DataFolder, "-h", Host, "-p", Text(Port), "-k", _folder.FullName, "-c", "max_connections=200"];
        string[] given = [.. _settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
        string[] command = Account.Command([Path.Combine(_binaries, "postgres"), .. own, .. given]);
        _server = Start(command);
        var log = new ServerLog(_server);
        // When this process ends, however it ends, its end of the pipe closes; then the server goes, and what it has on the disk.
        _leash = Start(["/bin/sh", "-c", "read _; kill -QUIT \"$0\"", Text(_server.Id)], pipeIn: true);
        try
        {
            await log.Ready.WaitAsync(Patience);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await KillAsync();
            throw new InvalidOperationException($"PostgreSQL did not start: {e.Message} {log}", e);
        }
    }

    /// <summary>Stops it in order: sessions are ended, transactions in progress taken back.</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>Ends it at once, as a crash does: the next start recovers from the log.</summary>
    public Task KillAsync() => EndAsync("QUIT");

    /// <summary>Stops it and starts it again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Ends the server and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_folder.Exists) _folder.Delete(recursive: true);
    }

    private async Task EndAsync(string signal)
    {
        if (_server is null) return;
        using var server = _server;
        using var leash = _leash;
        _server = _leash = null;
        if (!server.HasExited) await RunAsync("kill", [$"-{signal}", Text(server.Id)]);
        await server.WaitForExitAsync().WaitAsync(Patience);
        leash?.Kill();
    }

    private static string? FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> folders = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out int version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        return folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private static int FreePort(string host)
    {
        using var listener = new TcpListener(IPAddress.Parse(host), 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(string[] command, bool pipeIn = false) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
        RedirectStandardInput = pipeIn,
        // The folder of the caller may be one that the server's account cannot enter.
        WorkingDirectory = "/",
    })!;

    private static Task RunAsync(string program, string[] arguments) => RunAsync([program, .. arguments]);

    private static async Task RunAsync(string[] command)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} failed: {errors} {await output}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

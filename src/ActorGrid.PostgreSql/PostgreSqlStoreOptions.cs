using System.Text.RegularExpressions;

namespace ActorGrid.PostgreSql;

/// <summary>How a <see cref="PostgreSqlStore"/> works on its database.</summary>
public sealed partial record PostgreSqlStoreOptions
{
    /// <summary>
    /// The schema that holds the tables of the grid, so that several grids can live in one database. Default <c>actorgrid</c>; 1 to 63 characters:
    /// lower-case ASCII letters, digits and <c>_</c>, not a digit first. It is made if it does not exist.
    /// </summary>
    public string Schema { get; init; } = "actorgrid";

    /// <summary>
    /// The most connections that append. Default 1; from 1 to 64. What comes while a commit is under way shares the next one, so one connection makes the larger groups, and costs the server and
    /// the node the least; more help where a commit takes long, as with a replica far away, or where some are very large: on one connection all other commits of the node wait for such a one.
    /// </summary>
    public int WriterConnectionsMax { get; init; } = 1;

    /// <summary>The most connections that read histories and replies. Default 4; from 1 to 64.</summary>
    public int ReaderConnectionsMax { get; init; } = 4;

    /// <summary>
    /// How long the server may say nothing to a call before its connection is given up. Default 2 s; from 1 s to an hour, in whole seconds. Large payloads get
    /// a second more for each 8 MiB. An append that is given up has an unknown outcome, which costs the owner a new fence.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long making a connection may take. Default 3 s; from 1 s to an hour, in whole seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a session of the server may stand in the way of a fence that is being raised, or of a change of the view, before the server is told to end it: it
    /// is that of a node that was stopped in the middle of a commit. Default 250 ms; from 10 ms to a minute.
    /// </summary>
    public TimeSpan BlockerPatience { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long the server keeps the session of a node that it does not hear from. Default 10 s; from 10 s to 10 minutes, in whole seconds. At least as long as a
    /// lease is waited for (<c>LeaseDuration</c> and <c>LeaseDrift</c>), so that the session of a node that was cut off does not go before its lease has run out.
    /// The same on all nodes.
    /// </summary>
    public TimeSpan SessionPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// With several hosts in the connection string: whether the grid may run although the server does not replicate synchronously, so that what was
    /// acknowledged just before a fail-over of the server may be lost. Default false: then opening asks for <c>synchronous_standby_names</c>.
    /// </summary>
    public bool AllowLossOnStoreFailover { get; init; }

    internal void Check()
    {
        CheckRange(nameof(Schema), SchemaName().IsMatch(Schema ?? ""), Schema ?? "null", "1 to 63 lower-case letters, digits and '_', not a digit first");
        CheckRange(nameof(WriterConnectionsMax), WriterConnectionsMax is >= 1 and <= 64, WriterConnectionsMax, "1 to 64");
        CheckRange(nameof(ReaderConnectionsMax), ReaderConnectionsMax is >= 1 and <= 64, ReaderConnectionsMax, "1 to 64");
        CheckRange(nameof(CommandTimeout), IsWholeSeconds(CommandTimeout), CommandTimeout, "1 s to an hour, in whole seconds");
        CheckRange(nameof(ConnectTimeout), IsWholeSeconds(ConnectTimeout), ConnectTimeout, "1 s to an hour, in whole seconds");
        CheckRange(
            nameof(BlockerPatience),
            BlockerPatience >= TimeSpan.FromMilliseconds(10) && BlockerPatience <= TimeSpan.FromMinutes(1),
            BlockerPatience,
            "10 ms to a minute");
        CheckRange(
            nameof(SessionPatience),
            IsWholeSeconds(SessionPatience) && SessionPatience >= TimeSpan.FromSeconds(10) && SessionPatience <= TimeSpan.FromMinutes(10),
            SessionPatience,
            "10 s to 10 minutes, in whole seconds");
    }

    private static bool IsWholeSeconds(TimeSpan time) =>
        time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromHours(1) && time.Ticks % TimeSpan.TicksPerSecond == 0;

    private static void CheckRange(string name, bool isInRange, object value, string range)
    {
        if (!isInRange) throw new ArgumentException($"{nameof(PostgreSqlStoreOptions)}.{name} is {value}; it must be {range}.", nameof(value));
    }

    [GeneratedRegex(@"\A[a-z_][a-z0-9_]{0,62}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemaName();
}

using System.Globalization;
using System.Numerics;
using System.Text;
using ActorGrid.Persistence;

namespace Sessions;

/// <summary>A record of the ledger: a line of text, closed by its CRC-32C, that people can read too.</summary>
/// <param name="Number">The number of the event, which the ledger never uses for another.</param>
internal abstract record LedgerRecord(long Number)
{
    private const int ChecksumLength = 10;

    /// <summary>Writes the record as a line, without the end of the line.</summary>
    public string ToLine() => FormattableString.Invariant($"{Body} *{Checksum(Body):x8}");

    /// <summary>Reads a line that <see cref="ToLine"/> wrote.</summary>
    /// <exception cref="FormatException">It is not such a line: cut off or altered.</exception>
    public static LedgerRecord Parse(string line)
    {
        int end = line.Length - ChecksumLength;
        if (end < 0
            || !line.AsSpan(end).StartsWith(" *")
            || !uint.TryParse(line.AsSpan(end + 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint checksum))
        {
            throw new FormatException("it does not end with a checksum");
        }
        string body = line[..end];
        if (checksum != Checksum(body)) throw new FormatException("its checksum does not match");
        return body.Split(' ') switch
        {
            ["plan", var number, var id, var session, "view", var path] =>
                new Planned(CommandId.Parse(id), session, new PageView(ToLong(number), path)),
            ["plan", var number, var id, var session, "buy", var sku, var cents] =>
                new Planned(CommandId.Parse(id), session, new Purchase(ToLong(number), sku, ToLong(cents))),
            ["done", var number] => new Acknowledged(ToLong(number)),
            ["drop", var number] => new Dropped(ToLong(number)),
            _ => throw new FormatException($"'{body}' is no record that this program knows"),
        };
    }

    protected abstract string Body { get; }

    private static long ToLong(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static uint Checksum(string text)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in Encoding.UTF8.GetBytes(text)) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

/// <summary>The event is about to be sent. This is on disk before it is.</summary>
/// <param name="Id">The id under which it is sent, also when it is sent again.</param>
/// <param name="Session">The key of the session that it goes to.</param>
/// <param name="Activity">What is sent.</param>
internal sealed record Planned(CommandId Id, string Session, Activity Activity) : LedgerRecord(Activity.Number)
{
    protected override string Body => Activity switch
    {
        PageView v => FormattableString.Invariant($"plan {Number} {Id} {Session} view {v.Path}"),
        Purchase p => FormattableString.Invariant($"plan {Number} {Id} {Session} buy {p.Sku} {p.Cents}"),
        _ => throw new InvalidOperationException($"The ledger has no form for {Activity.GetType().Name}."),
    };
}

/// <summary>The event was acknowledged: from now on it has to be in the state, once.</summary>
internal sealed record Acknowledged(long Number) : LedgerRecord(Number)
{
    protected override string Body => FormattableString.Invariant($"done {Number}");
}

/// <summary>The event was planned and never sent: it must not be in the state.</summary>
internal sealed record Dropped(long Number) : LedgerRecord(Number)
{
    protected override string Body => FormattableString.Invariant($"drop {Number}");
}

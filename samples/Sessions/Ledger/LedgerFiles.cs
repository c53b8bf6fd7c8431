using System.Globalization;

namespace Sessions;

/// <summary>
/// The ledger of a data directory: what the client side sent and what was acknowledged to it, apart from the grid. Each process that writes
/// gets a file of its own, so nothing is ever written behind a record that a kill tore.
/// </summary>
internal static class LedgerFiles
{
    private const string Pattern = "ledger-*.log";

    /// <summary>The files in the order in which they were written.</summary>
    public static IReadOnlyList<string> In(string directory) =>
        Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory, Pattern).Order(StringComparer.Ordinal)] : [];

    /// <summary>Keeps other processes from writing to the ledger until it is disposed; the system ends it with the process.</summary>
    /// <exception cref="IOException">Another process writes to it.</exception>
    public static IDisposable Lock(string directory) =>
        new FileStream(Path.Combine(directory, "ledger.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>The name of the next file.</summary>
    public static string Next(string directory)
    {
        long last = 0;
        if (In(directory) is [.., var file])
        {
            string number = Path.GetFileNameWithoutExtension(file)["ledger-".Length..];
            last = long.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        return Path.Combine(directory, FormattableString.Invariant($"ledger-{last + 1:d6}.log"));
    }

    /// <summary>Reads all records of all files.</summary>
    /// <exception cref="LedgerDamagedException">
    /// A record is damaged, other than the last of a file: that one may be torn, and then was never acted on.
    /// </exception>
    public static IEnumerable<LedgerRecord> Read(string directory)
    {
        foreach (string file in In(directory))
        {
            LedgerDamagedException? damage = null;
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                // Damage with a record after it is not the work of a kill.
                if (damage is not null) throw damage;
                LedgerRecord? record = null;
                number++;
                try
                {
                    record = LedgerRecord.Parse(line);
                }
                catch (Exception e) when (e is FormatException or OverflowException)
                {
                    damage = new LedgerDamagedException($"{file}, line {number}", e.Message);
                }
                if (record is not null) yield return record;
            }
        }
    }
}

/// <summary>The ledger cannot be believed, so nothing can be proven with it.</summary>
internal sealed class LedgerDamagedException(string place, string cause) : Exception($"the ledger is damaged: {place}: {cause}");

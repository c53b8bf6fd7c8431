using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Whether the native library can be trusted with the file.</summary>
/// <remarks>
/// <para>SQLite's known faults of the write-ahead log were all mended before 3.37, the first to know the tables that the schema asks for, but for one: from 3.7.0 to
/// 3.51.2 (mended in 3.44.6 and 3.50.7 too), a commit of one connection that begins the log anew while another connection moves the log to the file can damage the file.</para>
/// <para>The store keeps that one out by itself: a single process has one connection that does either, and processes that share a file do either within
/// a <see cref="Turn"/> only. So such a library is not refused. It is reason enough not to write the file with other programs while a grid is at work on it.</para>
/// </remarks>
internal static class LibraryVersion
{
    private const int Oldest = 3_037_000;

    /// <summary>The version in use, by SQLite's own count (3.50.4 is 3050004).</summary>
    public static int Current { get; } = Database.LibraryVersion;

    /// <summary>Refuses a library that is too old.</summary>
    /// <exception cref="StoreException">It is.</exception>
    public static void Check(int version)
    {
        if (version >= Oldest) return;
        throw new StoreException(
            $"The native library of SQLite has version {Describe(version)}; ActorGrid needs {Describe(Oldest)} or later, since older ones have faults in the write-ahead log. "
            + "Remove what replaces the library of the package SQLitePCLRaw.bundle_e_sqlite3, or replace it by a newer one.",
            isTransient: false);
    }

    /// <summary>Whether it has the fault that two connections can run into which write, or move the log, at the same time.</summary>
    public static bool NeedsTurns(int version) => version is < 3_044_006 or (>= 3_045_000 and < 3_050_007) or (>= 3_051_000 and < 3_051_003);

    public static string Describe(int version) => string.Create(CultureInfo.InvariantCulture, $"{version / 1_000_000}.{version / 1000 % 1000}.{version % 1000}");
}

using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>Tells which incarnations are there: each holds the operating system's lock on a file of its own, which the kernel frees with its process.</summary>
/// <remarks>Files are made and deleted within a turn only, so nobody locks a file that has just been deleted. Used by one thread.</remarks>
internal sealed class Presence(string databasePath) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string _folder = FolderOf(databasePath);
    private readonly Dictionary<Guid, LockFile> _held = [];

    /// <summary>Where the locks of a file lie that several processes share.</summary>
    public static string FolderOf(string databasePath) => databasePath + "-nodes";

    /// <summary>Makes an incarnation present, for as long as this object is there. Within a turn.</summary>
    /// <exception cref="StoreException">Another connection holds it.</exception>
    public void Hold(Guid incarnation)
    {
        if (_held.ContainsKey(incarnation)) return;
        var file = LockFile.Open(PathOf(incarnation));
        long started = TimeProvider.System.GetTimestamp();
        // Whoever looks whether it is there holds it for a moment.
        while (!file.TryTake())
        {
            if (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                Thread.Yield();
                continue;
            }
            file.Dispose();
            throw new StoreException($"The incarnation {incarnation} is there already, by another process or connection. Start each node with an incarnation of its own.", isTransient: false);
        }
        _held.Add(incarnation, file);
    }

    public bool IsPresent(Guid incarnation)
    {
        if (_held.ContainsKey(incarnation)) return true;
        using var file = LockFile.OpenExisting(PathOf(incarnation));
        return file is not null && !file.TryTake();
    }

    /// <summary>Deletes the file of an incarnation that is not there. Within a turn.</summary>
    public void Forget(Guid incarnation)
    {
        if (!IsPresent(incarnation)) File.Delete(PathOf(incarnation));
    }

    /// <summary>Deletes the files of incarnations that are not there and not among <paramref name="known"/>. Within a turn.</summary>
    public void Sweep(IReadOnlySet<Guid> known)
    {
        foreach (string path in Directory.EnumerateFiles(_folder))
        {
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out var incarnation) && !known.Contains(incarnation)) Forget(incarnation);
        }
    }

    public void Dispose()
    {
        foreach (var file in _held.Values) file.Dispose();
        _held.Clear();
    }

    private string PathOf(Guid incarnation) => Path.Combine(_folder, incarnation.ToString("N"));
}

using ActorGrid.Persistence;

namespace ActorGrid.Sqlite;

/// <summary>
/// The operating system's lock on a file beside the database, which says that a process works on it: one by itself, or several that share it. It is free as soon as the
/// process has ended, however it ended. The empty file stays: deleting it would race with whoever opens it next.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly LockFile _file;

    private FileLock(LockFile file) => _file = file;

    /// <summary>Takes the lock, or says who is in the way.</summary>
    /// <exception cref="StoreException">Another process, or another store of this one, has the lock, or the folder cannot be written.</exception>
    public static FileLock Acquire(string databasePath, bool isShared)
    {
        string path = databasePath + "-lock";
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The folder of '{databasePath}' does not exist and cannot be made: {e.Message} Make it, or name another.",
                isTransient: false, e);
        }
        LockFile? file = null;
        try
        {
            file = LockFile.Open(path);
            if (file.TryTake(isShared)) return new FileLock(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            file?.Dispose();
            throw new StoreException(
                $"'{path}' cannot be written: {e.Message} Give this process the right to write the folder, "
                + "and see that the disk is not read-only or full.",
                isTransient: false, e);
        }
        file.Dispose();
        throw new StoreException(
            isShared
                ? $"'{databasePath}' is in use by a process, or by another store of this one, that has it for itself. "
                    + "End the other, or let it share the file too: a node of a grid does if it listens (.Listen) or is a client (.AsClient); else set SqliteStoreOptions.IsShared."
                : $"'{databasePath}' is in use by another process, or by another store of this one. "
                    + "A file serves one at a time, unless all share it: end the other, name another file, or let both share it, as nodes of a grid do that listen (.Listen) or are clients (.AsClient); else set SqliteStoreOptions.IsShared.",
            isTransient: true);
    }

    public void Dispose() => _file.Dispose();
}

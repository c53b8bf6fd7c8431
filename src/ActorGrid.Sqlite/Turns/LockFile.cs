using Microsoft.Win32.SafeHandles;

namespace ActorGrid.Sqlite;

/// <summary>An empty file whose lock one opening at a time can hold, or several that share it, over all processes of the host. Used by one thread at a time.</summary>
internal sealed class LockFile : IDisposable
{
    private readonly SafeFileHandle _file;

    internal LockFile(string path, SafeFileHandle file) => (Path, _file) = (path, file);

    public string Path { get; }

    public bool IsHeld { get; private set; }

    /// <summary>Opens the file, and makes it if it does not exist.</summary>
    /// <exception cref="IOException">It cannot be made or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made or opened.</exception>
    public static LockFile Open(string path)
    {
        try
        {
            if (!File.Exists(path)) new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another has made and locked it in this moment.
        }
        return new LockFile(path, NativeLock.Open(path));
    }

    /// <summary>Opens the file if it is there.</summary>
    public static LockFile? OpenExisting(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return new LockFile(path, NativeLock.Open(path));
        }
        catch (IOException) when (!File.Exists(path))
        {
            return null;
        }
    }

    public bool TryTake(bool isShared = false) => IsHeld = NativeLock.Take(_file, wait: false, Path, isShared);

    /// <summary>Waits for the lock, however long that takes.</summary>
    public void Take() => IsHeld = NativeLock.Take(_file, wait: true, Path);

    public void Release()
    {
        if (!IsHeld) return;
        IsHeld = false;
        NativeLock.Release(_file, Path);
    }

    /// <summary>Releases it too.</summary>
    public void Dispose() => _file.Dispose();
}

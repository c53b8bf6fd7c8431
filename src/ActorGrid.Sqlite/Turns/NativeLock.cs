using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ActorGrid.Sqlite;

/// <summary>The operating system's lock on a whole file, tied to one opening of it, which the kernel frees with its process: <c>flock</c>,
/// or <c>LockFileEx</c> on Windows. Unlike the framework's own it can be waited for, and no setting switches it off.</summary>
internal static partial class NativeLock
{
    private const int Shared = 1, Exclusive = 2, NonBlocking = 4, Unlocking = 8;
    private const int Interrupted = 4, WouldBlockLinux = 11, WouldBlockElsewhere = 35;
    private const int ReadWrite = 2;
    private const uint FailImmediately = 1, ExclusiveOnWindows = 2;
    private const int LockViolation = 33, IoPending = 997;

    private static readonly int CloseOnExec = OperatingSystem.IsLinux() ? 0x80000 : OperatingSystem.IsFreeBSD() ? 0x100000 : 0x1000000;

    /// <summary>Opens a file that exists.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <remarks>The framework's opening takes a lock of its own with the same call, so on Unix the file is opened without it; a child process must not inherit
    /// it, or it would keep the lock of a parent that was killed.</remarks>
    public static SafeFileHandle Open(string path)
    {
        if (OperatingSystem.IsWindows()) return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        while (true)
        {
            int descriptor = OpenFile(path, ReadWrite | CloseOnExec);
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
            if (Marshal.GetLastPInvokeError() != Interrupted) throw Fault("opened", path);
        }
    }

    /// <summary>Takes the lock.</summary>
    /// <returns>False if another holds it, in a way that keeps this one out, and <paramref name="wait"/> is false.</returns>
    /// <exception cref="IOException">The file system knows no locks.</exception>
    public static bool Take(SafeFileHandle file, bool wait, string path, bool isShared = false)
    {
        if (OperatingSystem.IsWindows())
        {
            var at = default(Overlapped);
            if (LockFileEx(file, (isShared ? 0 : ExclusiveOnWindows) | (wait ? 0 : FailImmediately), 0, 1, 0, ref at)) return true;
            return Marshal.GetLastPInvokeError() is LockViolation or IoPending ? false : throw Fault("locked", path);
        }
        while (Flock(file, (isShared ? Shared : Exclusive) | (wait ? 0 : NonBlocking)) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (!wait && error == (OperatingSystem.IsLinux() ? WouldBlockLinux : WouldBlockElsewhere)) return false;
            if (error != Interrupted) throw Fault("locked", path);
        }
        return true;
    }

    public static void Release(SafeFileHandle file, string path)
    {
        var at = default(Overlapped);
        bool isReleased = OperatingSystem.IsWindows() ? UnlockFileEx(file, 0, 1, 0, ref at) : Flock(file, Unlocking) == 0;
        if (!isReleased) throw Fault("unlocked", path);
    }

    private static IOException Fault(string what, string path) => new($"'{path}' cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LockFileEx(SafeFileHandle file, uint flags, uint reserved, uint bytesLow, uint bytesHigh, ref Overlapped at);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool UnlockFileEx(SafeFileHandle file, uint reserved, uint bytesLow, uint bytesHigh, ref Overlapped at);

    /// <summary>OVERLAPPED: here only the position of the byte that is locked, 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Overlapped
    {
        public nint Internal, InternalHigh;
        public uint Offset, OffsetHigh;
        public nint Event;
    }
}

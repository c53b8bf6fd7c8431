using System.Runtime.InteropServices;

namespace ActorGrid.Failover;

/// <summary>The signals that scenarios send; numbers as on Linux.</summary>
internal enum Signal
{
    Kill = 9,
    Continue = 18,
    Stop = 19,
}

/// <summary>Sends signals by the call itself, since to start a program for it would blur the moment.</summary>
internal static partial class Signals
{
    public static void Send(int processId, Signal signal)
    {
        if (kill(processId, (int)signal) != 0) throw new InvalidOperationException($"Signal {signal} could not be sent to process {processId}: error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
#pragma warning disable IDE1006 // the name of the C library
    private static partial int kill(int processId, int signal);
#pragma warning restore IDE1006
}

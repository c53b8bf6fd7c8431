using System.Runtime.InteropServices;
using ActorGrid.Cluster;

namespace ActorGrid;

/// <summary>The time since the host booted, as its operating system keeps it: it goes on while the host is suspended.</summary>
/// <remarks>Safe to use from any thread; reading it costs tens of nanoseconds.</remarks>
public sealed partial class SystemBootClock : IBootClock
{
    private const int LinuxBootTime = 7;
    private const int AppleMonotonic = 6;

    private static readonly Func<TimeSpan> Read = Choose();

    /// <inheritdoc/>
    public TimeSpan Uptime => Read();

    private static Func<TimeSpan> Choose()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsAndroid()) return static () => ReadUnix(LinuxBootTime);
        // Apple's monotonic clock goes on in sleep, unlike Linux's.
        if (OperatingSystem.IsMacOS() || OperatingSystem.IsIOS()) return static () => ReadUnix(AppleMonotonic);
        if (OperatingSystem.IsWindows()) return static () => ReadWindows();
#pragma warning disable RS0030 // There is no other clock of such a system, and this class is the one place that reads it.
        return static () => TimeSpan.FromMilliseconds(Environment.TickCount64);
#pragma warning restore RS0030
    }

    private static TimeSpan ReadUnix(int clock) => GetTime(clock, out var time) == 0
        ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : throw new PlatformNotSupportedException($"The clock {clock} of the operating system cannot be read: error {Marshal.GetLastPInvokeError()}.");

    private static TimeSpan ReadWindows()
    {
        QueryInterruptTime(out long ticks);
        return new TimeSpan(ticks);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpecification time);

    [LibraryImport("api-ms-win-core-realtime-l1-1-1.dll")]
    private static partial void QueryInterruptTime(out long ticks);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}

namespace ActorGrid.Architecture.Tests;

/// <summary>Floors 0 to 3 reach no device, so that a simulator can stand in for all of the world around them.</summary>
public sealed class SimulatedFloorTests
{
    private static readonly string[] Namespaces =
    [
        "Microsoft.AspNetCore", "Microsoft.Extensions.Hosting", "Microsoft.Win32", "System.IO.Compression", "System.IO.IsolatedStorage",
        "System.IO.MemoryMappedFiles", "System.IO.Pipelines", "System.IO.Pipes", "System.Net", "System.Threading.Channels",
    ];

    private static readonly string[] Types =
    [
        "Microsoft.Win32.SafeHandles.SafeFileHandle", "System.Console", "System.Diagnostics.Process",
        "System.IO.Directory", "System.IO.DirectoryInfo", "System.IO.DriveInfo", "System.IO.File", "System.IO.FileInfo", "System.IO.FileStream",
        "System.IO.FileSystemInfo", "System.IO.FileSystemWatcher", "System.IO.RandomAccess",
    ];

    [Fact]
    public void No_socket_file_process_or_console() => Violations.AssertNone(
        "Floors 0 to 3 open no socket, file or process: that belongs to a store or transport on floor 4.",
        from project in Floor.Simulated
        from type in CompiledAssembly.Read(project).Types
        where Types.Contains(type, StringComparer.Ordinal)
            || Namespaces.Any(n => type.StartsWith($"{n}.", StringComparison.Ordinal))
        select $"{project} uses {type}");

    [Fact]
    public void No_reader_or_writer_that_opens_a_path() => Violations.AssertNone(
        "Floors 0 to 3 open no file: give the reader or writer a stream.",
        from project in Floor.Simulated
        from type in CompiledAssembly.Read(project).PathConstructors
        where type is "System.IO.StreamReader" or "System.IO.StreamWriter"
        select $"{project} makes a {type} from a path");

    [Fact]
    public void Threads_only_in_dispatchers() => Violations.AssertNone(
        "Threads are made by dispatchers (floor 0) and stores (floor 4) alone: give the work to a dispatcher.",
        from project in Floor.Simulated
        where Floor.Of(project) > 0
        from type in CompiledAssembly.Read(project).Types
        where type is "System.Threading.ThreadStart" or "System.Threading.ParameterizedThreadStart"
        select $"{project} uses {type}");
}

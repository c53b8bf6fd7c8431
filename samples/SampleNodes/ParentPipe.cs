namespace SampleNodes;

/// <summary>The standard input of a node that another process has started: it ends with that process, however that ends.</summary>
internal static class ParentPipe
{
    /// <summary>Calls <paramref name="stop"/> when the other process closes the pipe or is gone, and ends this process if it takes too long after that.</summary>
    public static void Watch(Action stop) => new Thread(() =>
    {
        using var input = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[64];
        while (input.Read(nothing) > 0)
        {
            // Nothing is said through it.
        }
        stop();
        Thread.Sleep(NodeProcess.StopPatience);
        Environment.Exit(1);
    })
    { IsBackground = true, Name = "parent" }.Start();
}

namespace WordCount;

/// <summary>The text that is counted when no path is given, kept as a file so that an interrupted count can go on.</summary>
public static class GeneratedText
{
    public const int Bytes = 64_000_000;

    /// <summary>Makes the text in the folder unless it is there, and gives its path.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static string In(string folder, ulong seed, CancellationToken cancel = default) => In(folder, seed, Bytes, cancel);

    internal static string In(string folder, ulong seed, long bytes, CancellationToken cancel)
    {
        string path = Path.Combine(folder, $"generated-{seed}.txt");
        if (File.Exists(path) && new FileInfo(path).Length == bytes)
            return path;
        // A half-written text never has the name of a whole one.
        string unfinished = $"{path}.{Environment.ProcessId}.unfinished";
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
                new TextGenerator(seed).Write(file, bytes, cancel);
            File.Move(unfinished, path, overwrite: true);
            return path;
        }
        catch (Exception e) when (FileFault.Is(e))
        {
            throw new InputException(
                $"Cannot write the generated text to '{path}': {FileFault.Reason(e, path)}. Choose another folder with --data.", e);
        }
        finally
        {
            if (File.Exists(unfinished))
                File.Delete(unfinished);
        }
    }
}

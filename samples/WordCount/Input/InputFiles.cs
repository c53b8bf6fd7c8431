using Microsoft.Win32.SafeHandles;

namespace WordCount;

/// <summary>The files to count, in a stable order, and what is to be said about those left out.</summary>
public sealed record InputSet(IReadOnlyList<InputFile> Files, IReadOnlyList<string> Warnings);

/// <summary>
/// Finds the files behind the paths: a folder stands for all files in it, at any depth, by name. Symbolic links are followed, but no
/// file is counted and no folder entered twice. Empty and binary files (a zero byte in the first 8,000) are left out with a warning; whatever cannot be
/// read is an error.
/// </summary>
public sealed class InputFiles
{
    private const int BinaryProbeBytes = 8_000;
    private const int ErrorsShown = 10;

    private readonly List<InputFile> _files = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _errors = [];
    private readonly HashSet<string> _excluded;
    private readonly HashSet<string> _known = [];            // the real paths of all files and folders so far
    private readonly CancellationToken _cancel;

    private InputFiles(IEnumerable<string> excluded, CancellationToken cancel)
    {
        _excluded = [.. excluded.Select(RealPath.Of)];
        _cancel = cancel;
    }

    /// <summary>Looks at all paths. What is given twice counts once.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="excluded">Files and folders of the count's own, left out when they are in a folder.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <exception cref="InputException">Something is missing or unreadable: all of it is named.</exception>
    public static InputSet Find(IEnumerable<string> paths, IEnumerable<string>? excluded = null, CancellationToken cancel = default)
    {
        InputFiles found = new(excluded ?? [], cancel);
        foreach (string path in paths)
            found.Add(path, Path.GetFullPath(path), given: true);

        if (found._errors.Count == 0)
            return new(found._files, found._warnings);
        int more = found._errors.Count - ErrorsShown;
        throw new InputException(string.Join(Environment.NewLine, found._errors.Take(ErrorsShown)) +
            (more > 0 ? $"{Environment.NewLine}and {more} more such errors." : ""));
    }

    private void Add(string shown, string path, bool given)
    {
        _cancel.ThrowIfCancellationRequested();
        try
        {
            if (Directory.Exists(path))
                AddFolder(shown, path);
            else if (new FileInfo(path).LinkTarget is { } target)
                AddLink(shown, path, target, given);
            else if (File.Exists(path))
                AddFile(shown, path, RealPath.Of(path));
            else
                _errors.Add($"'{shown}' does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _errors.Add($"Cannot read '{shown}': {e.Message}");
        }
    }

    private void AddFolder(string shown, string path)
    {
        string real = RealPath.Of(path);
        if (!_known.Add(real))
        {
            string parent = RealPath.Of(Path.GetDirectoryName(path) ?? path);
            WarnOfSecond(shown, path, real, isLoop: $"{parent}/".StartsWith($"{real}/", StringComparison.Ordinal));
            return;
        }

        string[] entries = Directory.GetFileSystemEntries(path);
        Array.Sort(entries, StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            string name = Path.GetFileName(entry), shownEntry = Path.Join(shown, name);
            if (_excluded.Contains(Path.Join(real, name)))
                _warnings.Add($"'{shownEntry}' belongs to this count itself: left out.");
            else
                Add(shownEntry, entry, given: false);
        }
    }

    private void AddLink(string shown, string path, string target, bool given)
    {
        if (RealPath.OfExisting(path) is { } real)
            AddFile(shown, path, real);
        else if (given)
            _errors.Add($"'{shown}' is a symbolic link to '{target}', which leads to nothing.");
        else
            _warnings.Add($"'{shown}' is a symbolic link to '{target}', which leads to nothing: left out.");
    }

    private void AddFile(string shown, string path, string real)
    {
        if (!_known.Add(real))
        {
            WarnOfSecond(shown, path, real, isLoop: false);
            return;
        }

        FileInfo info = new(real);
        if (!FileKind.IsRegular(info))
        {
            _warnings.Add($"'{shown}' is a pipe, socket or device: left out. To count what it gives, write that to a file.");
            return;
        }

        using SafeFileHandle file = SliceReader.Open(path);
        Span<byte> start = stackalloc byte[BinaryProbeBytes];
        start = start[..RandomAccess.Read(file, start, 0)];
        int zero = start.IndexOf((byte)0);
        if (info.Length == 0)
        {
            _warnings.Add(start.IsEmpty
                ? $"'{shown}' is empty: nothing to count."
                : $"'{shown}' has no length, since the system makes it as it is read: left out. To count it, copy it to a file.");
        }
        else if (zero >= 0)
        {
            _warnings.Add($"'{shown}' is binary (byte {zero} is zero): left out. If it is UTF-16 text, convert it to UTF-8.");
        }
        else
        {
            _files.Add(new(path, RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks));
        }
    }

    private void WarnOfSecond(string shown, string path, string real, bool isLoop) => _warnings.Add(
        isLoop && path != real ? $"'{shown}' is a symbolic link back to '{real}', a loop: not followed."
        : path == real ? $"'{shown}' is counted already: not counted twice."
        : $"'{shown}' leads to '{real}', which is counted already: not counted twice.");
}

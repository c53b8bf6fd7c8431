using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WordCount;

/// <summary>Writes all words to a file, in the order of the results.</summary>
public static class ResultFile
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Finds out early, and without touching what is there, whether the file can be written.</summary>
    /// <exception cref="InputException">It cannot, or it is one that is to be counted.</exception>
    public static void Check(string path, IReadOnlyList<InputFile> inputs)
    {
        string real = RealPath.OfExisting(path) ?? path;
        if (inputs.Any(input => input.Path == path || input.Path == real))
            throw new InputException($"'{path}' is one of the files to count: it is not overwritten.");
        if (Directory.Exists(path))
            throw new InputException($"Cannot write '{path}': it is a folder. Name a file.");
        Attempt(path, () =>
        {
            if (!IsReplaceable(path, real))
                return;                                      // even to open a pipe could wait for ever
            if (File.Exists(real))
                new FileStream(real, FileMode.Open, FileAccess.Write).Dispose();
            new FileStream(Unfinished(real), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        });
    }

    /// <summary>Writes <c>word,count</c> and a line for each word. Words are letters only, so nothing needs quotes.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void WriteCsv(string path, IReadOnlyList<CountedWord> words) => Replace(path, file =>
    {
        file.Write("word,count\n"u8);
        Span<byte> buffer = stackalloc byte[PackedWord.LengthMax];
        Span<byte> count = stackalloc byte[24];
        foreach (CountedWord word in words)
        {
            file.Write(word.Utf8(buffer));
            word.Count.TryFormat(count, out int length, provider: CultureInfo.InvariantCulture);
            file.WriteByte((byte)',');
            file.Write(count[..length]);
            file.WriteByte((byte)'\n');
        }
    });

    /// <summary>Writes one object with the totals and all words.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void WriteJson(string path, CountResult result) => Replace(path, file =>
    {
        // Letters need no escapes outside of HTML.
        using Utf8JsonWriter json = new(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteNumber("totalWords"u8, result.TotalWords);
        json.WriteNumber("distinctWords"u8, result.Words.Count);
        json.WriteNumber("bytes"u8, result.Bytes);
        json.WriteNumber("bytesInThisRun"u8, result.BytesNow);
        json.WriteNumber("seconds"u8, Math.Round(result.Elapsed.TotalSeconds, 6));
        json.WriteStartArray("words"u8);
        Span<byte> buffer = stackalloc byte[PackedWord.LengthMax];
        foreach (CountedWord word in result.Words)
        {
            json.WriteStartObject();
            json.WriteString("word"u8, word.Utf8(buffer));
            json.WriteNumber("count"u8, word.Count);
            json.WriteEndObject();
            if (json.BytesPending > BufferBytes)
                json.Flush();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    });

    /// <summary>Writes all of it beside the file and then gives it the name: what was there before stays until all is on the disk.</summary>
    private static void Replace(string path, Action<FileStream> write) => Attempt(path, () =>
    {
        string real = RealPath.OfExisting(path) ?? path, unfinished = Unfinished(real);
        if (!IsReplaceable(path, real))
        {
            using FileStream device = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, BufferBytes);
            write(device);
            device.Flush();
            return;
        }

        try
        {
            using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows() && File.Exists(real))
                File.SetUnixFileMode(unfinished, File.GetUnixFileMode(real));
            File.Move(unfinished, real, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    });

    /// <summary>A device or a pipe is written to as it is: a file in its place would be of no use to who reads it.</summary>
    private static bool IsReplaceable(string path, string real) => !Path.Exists(path) || FileKind.IsRegular(new FileInfo(real));

    private static string Unfinished(string path) => $"{path}.{Environment.ProcessId}.unfinished";

    private static void Attempt(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (FileFault.Is(e))
        {
            throw new InputException($"Cannot write '{path}': {FileFault.Reason(e, path)}.", e);
        }
    }
}

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
        Attempt(path, () =>
        {
            bool isNew = !File.Exists(path);
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew)
                File.Delete(path);
        });
    }

    /// <summary>Writes <c>word,count</c> and a line for each word. Words are letters only, so nothing needs quotes.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void WriteCsv(string path, IReadOnlyList<CountedWord> words) => Attempt(path, () =>
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
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

        file.Flush();
    });

    /// <summary>Writes one object with the totals and all words.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void WriteJson(string path, CountResult result) => Attempt(path, () =>
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        // Letters need no escapes outside of HTML.
        using Utf8JsonWriter json = new(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteNumber("totalWords"u8, result.TotalWords);
        json.WriteNumber("distinctWords"u8, result.Words.Count);
        json.WriteNumber("bytes"u8, result.Bytes);
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

    private static void Attempt(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"Cannot write '{path}': {e.Message}", e);
        }
    }
}

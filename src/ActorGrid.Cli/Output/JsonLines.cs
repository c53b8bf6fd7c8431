using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>Writes JSON, a line for each object, for programs.</summary>
internal sealed class JsonLines(TextWriter output) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    // What is not ASCII stays readable; the lines go to a terminal or a file, and into no page.
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes a line.</summary>
    public async Task WriteAsync(Action<Utf8JsonWriter> fill)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        fill(_json);
        _json.WriteEndObject();
        await _json.FlushAsync();
        await output.WriteLineAsync(Encoding.UTF8.GetString(_buffer.WrittenSpan));
    }

    /// <summary>Writes an event: number, name, time, and the payload as JSON if it is that, else as base64.</summary>
    public static void Write(Utf8JsonWriter json, JournalEvent e)
    {
        json.WriteNumber("sequence", e.Sequence);
        json.WriteString("name", e.Manifest);
        json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(e.AtUnixMs));
        WritePayload(json, e.Payload);
    }

    /// <summary>Writes <c>json</c>, exactly as it is stored, or <c>base64</c>.</summary>
    public static void WritePayload(Utf8JsonWriter json, ReadOnlyMemory<byte> payload)
    {
        if (IsJson(payload.Span))
        {
            json.WritePropertyName("json");
            json.WriteRawValue(payload.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteBase64String("base64", payload.Span);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Whether it is JSON that fits on a line.</summary>
    internal static bool IsJson(ReadOnlySpan<byte> payload)
    {
        if (payload.ContainsAny((byte)'\n', (byte)'\r')) return false;
        var reader = new Utf8JsonReader(payload);
        try
        {
            while (reader.Read())
            {
                // Reading is the check; so is that its strings are UTF-8.
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
            }
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}

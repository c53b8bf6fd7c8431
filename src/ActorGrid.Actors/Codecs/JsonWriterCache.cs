using System.Buffers;
using System.Text.Json;

namespace ActorGrid.Actors;

/// <summary>One JSON writer a thread, since a writer costs more than most messages. Nested use on the thread gets a writer of its own.</summary>
internal static class JsonWriterCache
{
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        var writer = _writer;
        if (writer is null) return new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        _writer = null;
        writer.Reset(output);
        return writer;
    }

    public static void Return(Utf8JsonWriter writer)
    {
        // Let go of the output before the writer is kept, or the cache would hold on to somebody's buffer.
        writer.Reset(EmptyOutput.Instance);
        _writer = writer;
    }

    private sealed class EmptyOutput : IBufferWriter<byte>
    {
        public static readonly EmptyOutput Instance = new();

        public void Advance(int count)
        {
            if (count != 0) throw new InvalidOperationException("A cached JSON writer was used after it was returned.");
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(1, sizeHint)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}

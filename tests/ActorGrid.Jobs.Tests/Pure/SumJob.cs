using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using ActorGrid.Actors;

namespace ActorGrid.Jobs.Tests.Pure;

/// <summary>The job of these tests: the text of its parts' numbers, in order; what happens on the way is up to its
/// <see cref="Script"/>.</summary>
public sealed record SumJob(int Parts, string Script = "") : Job<int, string, string>
{
    public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) =>
        Scripts.Find(Script).SplitAsync(Parts, cancellationToken);

    public override ValueTask<string> RunAsync(int part, JobContext context) => Scripts.Find(Script).RunAsync(part, context);

    public override string Combine(string left, string right) => Scripts.Find(Script).Combine(left, right);

    public override string Result(string total) => $"[{total}]";

    public override string Empty() => "";

    public override long Weight(int part) => part + 1;
}

/// <summary>What a test wants a job to do; by default it does what it should.</summary>
public class Script
{
    public List<int> Ran { get; } = [];

    public virtual ValueTask<IReadOnlyList<int>> SplitAsync(int parts, CancellationToken cancellationToken) =>
        new([.. Enumerable.Range(0, parts)]);

    public virtual ValueTask<string> RunAsync(int part, JobContext context)
    {
        lock (Ran) Ran.Add(part);
        return new(string.Create(CultureInfo.InvariantCulture, $"{part},"));
    }

    public virtual string Combine(string left, string right) => left + right;

    public static string Result(int parts) =>
        $"[{string.Concat(Enumerable.Range(0, parts).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part},")))}]";
}

/// <summary>Scripts by name, since a job is decoded anew and holds only what can be stored.</summary>
public static class Scripts
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Script> ByName = new(StringComparer.Ordinal);
    private static int _last;

    public static string Add(Script script)
    {
        string name = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        ByName[name] = script;
        return name;
    }

    public static string? NameOf(Script script) => ByName.FirstOrDefault(one => one.Value == script).Key;

    public static Script Find(string name) => ByName.GetValueOrDefault(name) ?? new Script();
}

[JsonSerializable(typeof(SumJob))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
internal sealed partial class SumJson : JsonSerializerContext;

/// <summary>Partial results in a format of their own.</summary>
internal sealed class Utf16Codec : MessageCodec<string>
{
    public Utf16Codec()
        : base("utf-16")
    {
    }

    public override void Encode(string message, IBufferWriter<byte> output) => output.Write(Encoding.Unicode.GetBytes(message));

    public override string Decode(ReadOnlySpan<byte> payload) => Encoding.Unicode.GetString(payload);
}

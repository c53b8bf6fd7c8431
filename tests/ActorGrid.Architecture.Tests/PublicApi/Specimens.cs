using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

// One of each thing that the printer of the public API has to tell apart; ApiTextTests holds what it prints.
namespace ActorGrid.Architecture.Tests.Specimens;

[Flags]
public enum Colours : byte
{
    None = 0,
    Red = 1,
    Blue = 2,
}

[JsonDerivedType(typeof(Circle), "circle")]
public abstract record Shape(string Name, string? Note = null);

public sealed record Circle(string Name, double Radius) : Shape(Name);

public readonly record struct Point(int X, int Y);

public delegate TResult? Convert<in TInput, out TResult>(TInput input);

public interface IBox<out T> where T : notnull
{
    T? Content { get; }
    void Close() { }
}

public abstract class Box<T> : IBox<T>, IDisposable where T : class, IComparable<T>, new()
{
    public const int SidesMax = 6;
    private protected Box(int hidden) => Hidden = hidden;
    protected Box(Colours colours = Colours.Red | Colours.Blue, TimeSpan patience = default) => Hidden = (int)colours + patience.Days;
    public event EventHandler? Opened;
    public T? Content { get; protected set; }
    public required IReadOnlyDictionary<string, List<T?>> Index { get; init; }
    internal int Hidden { get; }
    public (int? At, (string?[] Names, T?) Inside) this[int at] => (at, ([null], null));
    public abstract ValueTask<T> TakeAsync(CancellationToken cancel = default);
    public virtual bool TryTake([NotNullWhen(true)] out T? item, in Point from, params string[] names) => throw new NotSupportedException();
    public void Dispose() => Opened?.Invoke(this, EventArgs.Empty);
    public sealed override string ToString() => "box";

    public struct Lid
    {
        public readonly T? Below;
    }
}

public static class BoxExtensions
{
    [Obsolete("Say \"open\".")]
    public static U Map<T, U>(this Box<T> box, Func<T?, U> map, string text = "none", int? count = null)
        where T : class, IComparable<T>, new()
        where U : struct => map(box.Content);
}

namespace ActorGrid.Architecture.Tests;

public sealed class ApiTextTests
{
    [Fact]
    public void Prints_what_a_user_can_depend_on()
    {
        IEnumerable<Type> specimens = typeof(ApiTextTests).Assembly.GetTypes()
            .Where(t => t.Namespace == "ActorGrid.Architecture.Tests.Specimens");
        string difference = LineDiff.Of(Expected.ReplaceLineEndings("\n"), ApiText.Of(specimens));
        Assert.True(difference.Length == 0, difference);
    }

    [Fact]
    public void Difference_names_the_type_and_the_lines() => Assert.Equal(
        """
          public class B
        -     public void Old()
        +     public void New()

        """.ReplaceLineEndings("\n"),
        LineDiff.Of(
            "public class A\n    public void Old()\npublic class B\n    public void Old()\n",
            "public class A\n    public void Old()\npublic class B\n    public void New()\n"));

    private const string Expected =
        """
        namespace ActorGrid.Architecture.Tests.Specimens

        public static class BoxExtensions
            [Obsolete("Say \"open\".")] public static U Map<T, U>(this Box<T> box, Func<T?, U> map, string text = "none", int? count = null) where T : class, IComparable<T>, new() where U : struct

        public abstract class Box<T> : IBox<T>, IDisposable where T : class, IComparable<T>, new()
            public const int SidesMax = 6
            protected Box(Colours colours = Colours.Red | Colours.Blue, TimeSpan patience = default)
            public T? Content { get; protected set; }
            public required IReadOnlyDictionary<string, List<T?>> Index { get; init; }
            public (int? At, (string?[] Names, T?) Inside) this[int at] { get; }
            public event EventHandler? Opened
            public void Dispose()
            public abstract ValueTask<T> TakeAsync(CancellationToken cancel = default)
            public sealed override string ToString()
            public virtual bool TryTake([NotNullWhen(true)] out T? item, in Point from, params string[] names)

        public struct Box<T>.Lid where T : class, IComparable<T>, new()
            public readonly T? Below

        public sealed record Circle : Shape
            public Circle(string Name, double Radius)
            public double Radius { get; init; }

        [Flags]
        public enum Colours : byte
            None = 0
            Red = 1
            Blue = 2

        public delegate TResult? Convert<in TInput, out TResult>(TInput input)

        public interface IBox<out T> where T : notnull
            public T? Content { get; }
            public virtual void Close()

        public readonly record struct Point
            public Point(int X, int Y)
            public int X { get; init; }
            public int Y { get; init; }

        [JsonDerivedType(typeof(Circle), "circle")]
        public abstract record Shape
            protected Shape(string Name, string? Note = null)
            public string Name { get; init; }
            public string? Note { get; init; }

        """;
}

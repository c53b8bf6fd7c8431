using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ActorGrid.Persistence;

/// <summary>The words for what is wrong with a row, which are put together only if something is: millions of rows are sound.</summary>
[InterpolatedStringHandler]
internal readonly ref struct ArchiveFault
{
    private readonly StringBuilder? _text;

    public ArchiveFault(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = holds ? null : new StringBuilder(literalLength + (formattedCount * 16));
    }

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted<T>(T value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");

    public void AppendFormatted<T>(T value, string format)
        where T : IFormattable => _text!.Append(value.ToString(format, CultureInfo.InvariantCulture));

    public override string ToString() => _text?.ToString() ?? "";
}

using System.Globalization;

namespace ActorGrid.Architecture.Tests;

/// <summary>A constant as C# writes it.</summary>
internal static class Literal
{
    public static string Of(object? value, Type type)
    {
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        if (value is not null && bare.IsEnum) return EnumValue(bare, value);
        return value switch
        {
            null => type.IsValueType && bare == type ? "default" : "null",
            bool b => b ? "true" : "false",
            string s => $"\"{s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n")}\"",
            char c => $"'{c}'",
            Type t => $"typeof({TypeName.Of(t)})",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
    }

    private static string EnumValue(Type type, object value)
    {
        string text = Enum.ToObject(type, value).ToString()!;
        bool isNumber = char.IsAsciiDigit(text[0]) || text[0] == '-';
        return isNumber ? $"({TypeName.Of(type)}){text}" : string.Join(" | ", text.Split(", ").Select(name => $"{TypeName.Of(type)}.{name}"));
    }
}

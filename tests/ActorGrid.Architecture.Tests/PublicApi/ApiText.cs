using System.Reflection;
using System.Text;

namespace ActorGrid.Architecture.Tests;

/// <summary>The public API of some types as text: one line a type, one line a member, in a stable order.</summary>
internal static class ApiText
{
    public static string Of(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        string? ns = null;
        foreach (Type type in types.Where(IsVisible)
            .OrderBy(t => t.Namespace, StringComparer.Ordinal).ThenBy(t => t.FullName, StringComparer.Ordinal))
        {
            if (type.Namespace != ns) text.Append("namespace ").Append(ns = type.Namespace).Append('\n');
            text.Append('\n');
            foreach (string attribute in ApiAttributes.Of(type.GetCustomAttributesData())) text.Append(attribute).Append('\n');
            text.Append(ApiType.Header(type)).Append('\n');
            foreach (string member in Members(type)) text.Append("    ").Append(member).Append('\n');
        }
        return text.ToString();
    }

    // What a user outside of the assembly can name; protected counts, since users derive.
    private static bool IsVisible(Type type) =>
        !type.Name.Contains('<', StringComparison.Ordinal)
        && (type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)));

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum) return ApiType.EnumValues(type);
        if (ApiType.IsDelegate(type)) return [];
        const BindingFlags declared =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return
        [
            .. Sorted(type.GetFields(declared), ApiMember.Field),
            .. Sorted(type.GetConstructors(declared), ApiMember.Constructor),
            .. Sorted(type.GetProperties(declared), ApiMember.Property),
            .. Sorted(type.GetEvents(declared), ApiMember.Event),
            .. Sorted(type.GetMethods(declared), ApiMember.Method),
        ];
    }

    // Ordinal, so that the order is the same whatever the culture.
    private static IEnumerable<string> Sorted<T>(T[] members, Func<T, string?> print) where T : MemberInfo => members
        .Select(m => (m.Name, Line: print(m), Attributes: string.Concat(ApiAttributes.Of(m.GetCustomAttributesData()).Select(a => $"{a} "))))
        .Where(m => m.Line is not null)
        .OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Line, StringComparer.Ordinal)
        .Select(m => m.Attributes + m.Line);
}

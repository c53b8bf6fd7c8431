using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ActorGrid.Architecture.Tests;

/// <summary>The attributes that change what a user's compiler or serializer does.</summary>
internal static class ApiAttributes
{
    private static readonly Type[] Meaningful =
    [
        typeof(ObsoleteAttribute), typeof(FlagsAttribute), typeof(AttributeUsageAttribute), typeof(EditorBrowsableAttribute),
        typeof(CallerArgumentExpressionAttribute), typeof(CallerMemberNameAttribute), typeof(CallerFilePathAttribute), typeof(CallerLineNumberAttribute),
    ];

    private static readonly string[] MeaningfulNamespaces = ["System.Diagnostics.CodeAnalysis", "System.Text.Json.Serialization"];

    private static readonly Type[] Meaningless =
    [
        typeof(SuppressMessageAttribute), typeof(UnconditionalSuppressMessageAttribute), typeof(ExcludeFromCodeCoverageAttribute),
    ];

    /// <summary>As C# writes them, in a stable order.</summary>
    public static IEnumerable<string> Of(IList<CustomAttributeData> attributes) =>
        attributes.Where(a => IsMeaningful(a.AttributeType) && !IsForOldCompilers(a, attributes)).Select(Print).Order(StringComparer.Ordinal);

    // On what an older compiler would misread, the compiler puts an Obsolete that it then ignores itself.
    private static bool IsForOldCompilers(CustomAttributeData attribute, IList<CustomAttributeData> all) =>
        attribute.AttributeType == typeof(ObsoleteAttribute) && all.Any(a => a.AttributeType == typeof(CompilerFeatureRequiredAttribute));

    private static bool IsMeaningful(Type type) =>
        !Meaningless.Contains(type)
        && (Meaningful.Contains(type) || MeaningfulNamespaces.Contains(type.Namespace, StringComparer.Ordinal));

    private static string Print(CustomAttributeData attribute)
    {
        string name = attribute.AttributeType.Name;
        string[] arguments =
        [
            .. attribute.ConstructorArguments.Select(Argument),
            .. attribute.NamedArguments.Select(n => $"{n.MemberName} = {Argument(n.TypedValue)}"),
        ];
        name = name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name;
        return arguments.Length == 0 ? $"[{name}]" : $"[{name}({string.Join(", ", arguments)})]";
    }

    private static string Argument(CustomAttributeTypedArgument argument) =>
        argument.Value is ReadOnlyCollection<CustomAttributeTypedArgument> many
            ? $"[{string.Join(", ", many.Select(Argument))}]"
            : Literal.Of(argument.Value, argument.ArgumentType);
}

using System.Reflection;

namespace ActorGrid.Architecture.Tests;

/// <summary>A type as C# writes it. Namespaces that every file imports are left out, others are spelled.</summary>
internal static class TypeName
{
    private static readonly string[] Imported =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(void)] = "void",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    public static string Of(Type type) => Of(type, TypeAnnotations.None);

    public static string Of(Type type, TypeAnnotations annotations)
    {
        if (type.IsByRef) return Of(type.GetElementType()!, annotations);
        if (type.IsPointer) return $"{Of(type.GetElementType()!, annotations)}*";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return $"{Of(underlying, annotations)}?";

        // The order of the flags: a reference type, an array and a type parameter have one, and so has a generic value type (unused).
        bool hasFlag = !type.IsValueType || type.IsGenericType;
        string mark = hasFlag && annotations.NextNullable() == TypeAnnotations.Annotated && !type.IsValueType ? "?" : "";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!, annotations)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        return WithArguments(type, annotations) + mark;
    }

    private static string WithArguments(Type type, TypeAnnotations annotations)
    {
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsGenericParameter) return type.Name;
        bool isTuple = type is { IsGenericType: true, Namespace: "System" } && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal);
        string?[] names = isTuple ? annotations.NextTuple(type.GetGenericArguments().Length) : [];
        string[] arguments = [.. type.GetGenericArguments().Select(a => Variance(a, type) + Of(a, annotations))];
        if (isTuple) return $"({string.Join(", ", arguments.Zip(names, (argument, name) => $"{argument} {name}".TrimEnd()))})";
        string ns = type.Namespace is { } n && (IsOwn(n) || Imported.Contains(n, StringComparer.Ordinal)) ? "" : $"{type.Namespace}.";
        return ns + Nested(type, arguments);
    }

    private static bool IsOwn(string ns) => ns == "ActorGrid" || ns.StartsWith("ActorGrid.", StringComparison.Ordinal);

    // Reflection gives a nested type the arguments of the types around it too; each is written where it belongs.
    private static string Nested(Type type, string[] arguments)
    {
        int around = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string outer = type.DeclaringType is { } declaring ? $"{Nested(declaring, arguments[..around])}." : "";
        string name = type.Name.Split('`')[0];
        return outer + (arguments.Length > around ? $"{name}<{string.Join(", ", arguments[around..])}>" : name);
    }

    private static string Variance(Type argument, Type type)
    {
        if (!argument.IsGenericParameter || !type.IsGenericTypeDefinition) return "";
        return (argument.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
        {
            GenericParameterAttributes.Covariant => "out ",
            GenericParameterAttributes.Contravariant => "in ",
            _ => "",
        };
    }
}

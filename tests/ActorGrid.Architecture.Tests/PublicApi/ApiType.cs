using System.Reflection;
using System.Runtime.CompilerServices;

namespace ActorGrid.Architecture.Tests;

/// <summary>The line that declares a type.</summary>
internal static class ApiType
{
    public static bool IsDelegate(Type type) => type.IsSubclassOf(typeof(MulticastDelegate));

    public static string Header(Type type)
    {
        string access = type.IsPublic || type.IsNestedPublic ? "public" : "protected";
        if (IsDelegate(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"{access} delegate {ApiMember.Return(invoke)} {TypeName.Of(type)}{ApiMember.Parameters(invoke)}{Constraints(type.GetGenericArguments())}";
        }
        string[] bases = [.. Bases(type)];
        string inherits = bases.Length == 0 ? "" : $" : {string.Join(", ", bases)}";
        return $"{access} {Kind(type)} {TypeName.Of(type)}{inherits}{Constraints(type.GetGenericArguments())}";
    }

    public static IEnumerable<string> EnumValues(Type type) =>
        from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
        let value = Convert.ToDecimal(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)
        orderby value
        select $"{field.Name} = {value}";

    public static string Constraints(Type[] arguments) =>
        string.Concat(
            from argument in arguments
            where argument.IsGenericParameter
            let constraints = ConstraintsOf(argument).ToArray()
            where constraints.Length > 0
            select $" where {argument.Name} : {string.Join(", ", constraints)}");

    private static string Kind(Type type)
    {
        if (type.IsEnum) return "enum";
        if (type.IsInterface) return "interface";
        bool isRecord = IsRecord(type);
        if (type.IsValueType)
        {
            string isReadOnly = type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "";
            return isReadOnly + (type.IsByRefLike ? "ref struct" : isRecord ? "record struct" : "struct");
        }
        string modifier = (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static ",
            (true, false) => "abstract ",
            (false, true) => "sealed ",
            _ => "",
        };
        return modifier + (isRecord ? "record" : "class");
    }

    // The compiler writes this method for every record, class or struct, and for nothing else.
    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            ?.GetParameters() is [{ ParameterType.FullName: "System.Text.StringBuilder" }];

    private static IEnumerable<string> Bases(Type type)
    {
        if (type.IsEnum)
        {
            Type underlying = Enum.GetUnderlyingType(type);
            return underlying == typeof(int) ? [] : [TypeName.Of(underlying)];
        }
        Type? parent = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? b : null;
        Type[] all = [.. type.GetInterfaces().Where(IsPublic)];
        var implied = all.SelectMany(i => i.GetInterfaces()).Concat(parent?.GetInterfaces() ?? []).ToHashSet();
        IEnumerable<string> own = all.Where(i => !implied.Contains(i) && !IsOwnEquatable(type, i))
            .Select(i => TypeName.Of(i)).Order(StringComparer.Ordinal);
        return parent is null ? own : own.Prepend(TypeName.Of(parent));
    }

    private static bool IsPublic(Type type) => (type.IsNested ? type.IsNestedPublic : type.IsPublic);

    // Every record implements it; the word record says so.
    private static bool IsOwnEquatable(Type type, Type contract) =>
        contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEquatable<>)
        && contract.GetGenericArguments()[0] == type && IsRecord(type);

    private static IEnumerable<string> ConstraintsOf(Type parameter)
    {
        GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
        byte nullable = TypeAnnotations.Of(parameter).NextNullable();
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (parameter.GetCustomAttributesData().Any(a => a.AttributeType.Name == "IsUnmanagedAttribute")) yield return "unmanaged";
        else if (isStruct) yield return "struct";
        else if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            yield return nullable == TypeAnnotations.Annotated ? "class?" : "class";
        else if (nullable == TypeAnnotations.NotAnnotated && parameter.GetGenericParameterConstraints().Length == 0) yield return "notnull";

        foreach (Type constraint in parameter.GetGenericParameterConstraints())
            if (constraint != typeof(ValueType)) yield return TypeName.Of(constraint);
        if (attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct) yield return "new()";
        if (attributes.HasFlag(GenericParameterAttributes.AllowByRefLike)) yield return "allows ref struct";
    }
}

using System.Reflection;
using System.Runtime.CompilerServices;

namespace ActorGrid.Architecture.Tests;

/// <summary>The line that declares a member, or null if no user sees it.</summary>
internal static class ApiMember
{
    public static string? Field(FieldInfo field)
    {
        if (!(field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)) return null;
        string access = field.IsPublic ? "public" : "protected";
        string type = TypeName.Of(field.FieldType, TypeAnnotations.Of(field));
        if (field.IsLiteral) return $"{access} const {type} {field.Name} = {Literal.Of(field.GetRawConstantValue(), field.FieldType)}";
        string modifiers = Join(
            field.IsDefined(typeof(RequiredMemberAttribute)) ? "required" : "",
            field.IsStatic ? "static" : "",
            field.IsInitOnly ? "readonly" : "");
        return $"{access} {modifiers}{type} {field.Name}";
    }

    public static string? Constructor(ConstructorInfo constructor) =>
        Access(constructor) is { } access && !constructor.IsStatic && !IsGenerated(constructor)
            ? $"{access} {constructor.DeclaringType!.Name.Split('`')[0]}{Parameters(constructor)}"
            : null;

    public static string? Property(PropertyInfo property)
    {
        MethodInfo? get = Visible(property.GetMethod), set = Visible(property.SetMethod);
        if ((Widest(get, set) ?? get ?? set) is not { } widest || IsGenerated(property)) return null;
        string access = Access(widest)!;
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string type = ByRef(property.PropertyType, get?.ReturnParameter) + TypeName.Of(property.PropertyType, TypeAnnotations.Of(property));
        string init = set?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true ? "init" : "set";
        return $"{access} {required}{Modifiers(widest)}{type} {name} {{ {Accessor(get, "get", access)}{Accessor(set, init, access)}}}";
    }

    public static string? Event(EventInfo e) =>
        Visible(e.AddMethod) is { } add
            ? $"{Access(add)} {Modifiers(add)}event {TypeName.Of(e.EventHandlerType!, TypeAnnotations.Of(e))} {e.Name}"
            : null;

    public static string? Method(MethodInfo method)
    {
        bool isOperator = method.IsSpecialName && method.Name.StartsWith("op_", StringComparison.Ordinal);
        if (Access(method) is not { } access || IsGenerated(method) || (method.IsSpecialName && !isOperator)) return null;
        Type[] arguments = method.GetGenericArguments();
        string generic = arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(a => a.Name))}>";
        return $"{access} {Modifiers(method)}{Return(method)} {method.Name}{generic}{Parameters(method)}{ApiType.Constraints(arguments)}";
    }

    public static string Return(MethodInfo method) =>
        string.Concat(ApiAttributes.Of(method.ReturnParameter.GetCustomAttributesData()).Select(a => $"[return: {a[1..]} "))
        + ByRef(method.ReturnType, method.ReturnParameter)
        + TypeName.Of(method.ReturnType, TypeAnnotations.Of(method.ReturnParameter));

    public static string Parameters(MethodBase method)
    {
        string extended = method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "";
        return $"({extended}{string.Join(", ", method.GetParameters().Select(Parameter))})";
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string attributes = string.Concat(ApiAttributes.Of(parameter.GetCustomAttributesData()).Select(a => $"{a} "));
        string variadic = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        string passing = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        string byDefault = parameter.HasDefaultValue ? $" = {Literal.Of(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        return $"{attributes}{variadic}{passing}{TypeName.Of(parameter.ParameterType, TypeAnnotations.Of(parameter))} {parameter.Name}{byDefault}";
    }

    private static string ByRef(Type type, ParameterInfo? result) =>
        !type.IsByRef ? "" : result?.IsDefined(typeof(IsReadOnlyAttribute)) == true ? "ref readonly " : "ref ";

    private static string? Access(MethodBase method) =>
        method.IsPublic ? "public" : method.IsFamily || method.IsFamilyOrAssembly ? "protected" : null;

    private static MethodInfo? Visible(MethodInfo? method) => method is not null && Access(method) is not null ? method : null;

    private static MethodInfo? Widest(MethodInfo? get, MethodInfo? set) => set?.IsPublic == true && get?.IsPublic != true ? set : get;

    private static string Accessor(MethodInfo? accessor, string name, string access) => accessor is null ? ""
        : Access(accessor) is { } own && own != access ? $"{own} {name}; "
        : $"{name}; ";

    // What the compiler writes for every record says nothing; the word record does.
    private static bool IsGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || (member is PropertyInfo { Name: "EqualityContract" } p && p.GetMethod!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));

    private static string Modifiers(MethodInfo method)
    {
        bool inInterface = method.DeclaringType!.IsInterface;
        bool overrides = !inInterface && method.GetBaseDefinition() != method;
        return Join(
            method.IsStatic ? "static" : "",
            method.IsAbstract && (!inInterface || method.IsStatic) ? "abstract" : "",
            overrides && method.IsFinal ? "sealed" : "",
            overrides ? "override" : method.IsVirtual && !method.IsAbstract && !method.IsFinal ? "virtual" : "");
    }

    private static string Join(params IEnumerable<string> words) => string.Concat(words.Where(w => w.Length > 0).Select(w => $"{w} "));
}

using System.Collections.ObjectModel;
using System.Reflection;

namespace ActorGrid.Architecture.Tests;

/// <summary>
/// The nullable annotations of a member, as the compiler keeps them: one byte for each reference type in the order of the written type, or one
/// for all of them, or none where the member or type around it states the usual one.
/// </summary>
internal sealed class NullableFlags
{
    public const byte NotAnnotated = 1;
    public const byte Annotated = 2;

    private readonly byte[] _flags;
    private int _next;

    private NullableFlags(byte[] flags) => _flags = flags;

    public static NullableFlags None { get; } = new([0]);

    public static NullableFlags Of(MemberInfo member) =>
        new(Own(member.GetCustomAttributesData()) ?? Around(member is Type type ? (MemberInfo?)type.DeclaringMethod ?? type.DeclaringType : member.DeclaringType));

    public static NullableFlags Of(ParameterInfo parameter) => new(Own(parameter.GetCustomAttributesData()) ?? Around(parameter.Member));

    public byte Next() => _flags.Length == 1 ? _flags[0] : _next < _flags.Length ? _flags[_next++] : (byte)0;

    private static byte[]? Own(IList<CustomAttributeData> attributes) =>
        Argument(attributes, "System.Runtime.CompilerServices.NullableAttribute") switch
        {
            byte all => [all],
            ReadOnlyCollection<CustomAttributeTypedArgument> each => [.. each.Select(a => (byte)a.Value!)],
            _ => null,
        };

    private static byte[] Around(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
        {
            if (Argument(member.GetCustomAttributesData(), "System.Runtime.CompilerServices.NullableContextAttribute") is byte usual)
                return [usual];
        }
        return [0];
    }

    private static object? Argument(IList<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(a => a.AttributeType.FullName == name)?.ConstructorArguments[0].Value;
}

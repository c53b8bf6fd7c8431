using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ActorGrid.Architecture.Tests;

/// <summary>
/// What the compiler keeps beside a type, to be taken in the order of the written type. Nullable annotations: one byte for each reference type, or
/// one for all of them, or none where the member or type around it states the usual one. Names of tuple elements: all of a tuple, then those in it.
/// </summary>
internal sealed class TypeAnnotations
{
    public const byte NotAnnotated = 1;
    public const byte Annotated = 2;

    private readonly byte[] _nullable;
    private readonly string?[] _tupleNames;
    private int _nextNullable;
    private int _nextTupleName;

    private TypeAnnotations(byte[] nullable, string?[] tupleNames) => (_nullable, _tupleNames) = (nullable, tupleNames);

    public static TypeAnnotations None => new([0], []);

    public static TypeAnnotations Of(MemberInfo member)
    {
        IList<CustomAttributeData> own = member.GetCustomAttributesData();
        MemberInfo? around = member is Type type ? (MemberInfo?)type.DeclaringMethod ?? type.DeclaringType : member.DeclaringType;
        return new TypeAnnotations(Own(own) ?? Around(around), TupleNames(own));
    }

    public static TypeAnnotations Of(ParameterInfo parameter)
    {
        IList<CustomAttributeData> own = parameter.GetCustomAttributesData();
        return new TypeAnnotations(Own(own) ?? Around(parameter.Member), TupleNames(own));
    }

    public byte NextNullable() =>
        _nullable.Length == 1 ? _nullable[0] : _nextNullable < _nullable.Length ? _nullable[_nextNullable++] : (byte)0;

    /// <summary>The names of the next tuple's elements; null for an element without a name.</summary>
    public string?[] NextTuple(int elements)
    {
        if (_nextTupleName + elements > _tupleNames.Length) return new string?[elements];
        _nextTupleName += elements;
        return _tupleNames[(_nextTupleName - elements).._nextTupleName];
    }

    private static string?[] TupleNames(IList<CustomAttributeData> attributes) =>
        Argument(attributes, typeof(TupleElementNamesAttribute).FullName!) is ReadOnlyCollection<CustomAttributeTypedArgument> names
            ? [.. names.Select(n => (string?)n.Value)]
            : [];

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

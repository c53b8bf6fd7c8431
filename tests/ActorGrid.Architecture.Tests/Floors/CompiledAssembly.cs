using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ActorGrid.Architecture.Tests;

/// <summary>What a compiled assembly of src refers to, read from its metadata without loading it.</summary>
/// <param name="AssemblyReferences">Simple names.</param>
/// <param name="Types">Full names of the types of other assemblies.</param>
/// <param name="PathConstructors">Full names of types made from a string, as a reader or writer that opens a path is.</param>
internal sealed record CompiledAssembly(
    IReadOnlyList<string> AssemblyReferences, IReadOnlyList<string> Types, IReadOnlyList<string> PathConstructors)
{
    public static CompiledAssembly Read(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        Assert.True(File.Exists(path), $"{name}.dll is not beside the tests: is the project's assembly named as the project?");
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        return new CompiledAssembly(
            [.. metadata.AssemblyReferences.Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name))],
            [.. metadata.TypeReferences.Select(h => FullName(metadata, h)).Order(StringComparer.Ordinal)],
            [.. TypesMadeFromString(metadata).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<string> TypesMadeFromString(MetadataReader metadata)
    {
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference || metadata.GetString(member.Name) != ".ctor") continue;
            BlobReader signature = metadata.GetBlobReader(member.Signature);
            signature.ReadSignatureHeader();
            int parameters = signature.ReadCompressedInteger();
            signature.ReadSignatureTypeCode(); // void
            if (parameters > 0 && signature.ReadSignatureTypeCode() == SignatureTypeCode.String)
                yield return FullName(metadata, (TypeReferenceHandle)member.Parent);
        }
    }

    private static string FullName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        string name = metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return $"{FullName(metadata, (TypeReferenceHandle)type.ResolutionScope)}+{name}";
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}

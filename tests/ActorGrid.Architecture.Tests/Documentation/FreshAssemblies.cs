using System.Reflection;
using System.Runtime.Loader;

namespace ActorGrid.Architecture.Tests;

/// <summary>The assemblies of ActorGrid once more, with statics that nobody has touched yet; all others are shared.</summary>
internal sealed class FreshAssemblies() : AssemblyLoadContext(nameof(FreshAssemblies))
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll");
        return assemblyName.Name!.StartsWith("ActorGrid", StringComparison.Ordinal) && File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}

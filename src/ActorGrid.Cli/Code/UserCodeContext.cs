using System.Reflection;
using System.Runtime.Loader;

namespace ActorGrid.Cli;

/// <summary>Loads an application's assemblies from where it was built. What the command has itself, ActorGrid above all, is that of the command: a type has to be the same on both sides.</summary>
internal sealed class UserCodeContext(string path) : AssemblyLoadContext("actorgrid --code")
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        try
        {
            return Default.LoadFromAssemblyName(assemblyName);
        }
        catch (FileNotFoundException)
        {
            return _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
        }
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : nint.Zero;
}

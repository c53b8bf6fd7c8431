using System.Reflection;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>
/// The entity types of an application, as it registers them itself. By convention the assembly has one public static method that takes a <see cref="GridBuilder"/> and nothing else: the one that is given to
/// <c>AddActorGrid</c>. Its store, its address and its options are left aside.
/// </summary>
internal static class UserCode
{
    /// <summary>The types, and that of jobs.</summary>
    /// <param name="path">The assembly.</param>
    /// <param name="entry">The name of the method, with its type (<c>Shop.Grid.Configure</c>); null: there is only one.</param>
    /// <exception cref="UserCodeException">The assembly cannot be loaded, or has no such method, or the method throws.</exception>
    public static IReadOnlyList<EntityType> Load(string path, string? entry)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path)) throw new UserCodeException($"'{path}' does not exist: name the assembly of the application, as it was built.");
        var method = Find(path, entry);
        var builder = new GridBuilder();
        try
        {
            method.Invoke(null, [builder]);
        }
        catch (TargetInvocationException e)
        {
            throw new UserCodeException($"{NameOf(method)} threw: {e.InnerException!.Message}", e.InnerException);
        }
        if (builder.Entities.Count == 0 && builder.Jobs.Count == 0) throw new UserCodeException($"{NameOf(method)} adds no entity: is it the method that is given to AddActorGrid?");
        return [.. builder.Entities, JobHost.CreateHistoryType()];
    }

    private static MethodInfo Find(string path, string? entry)
    {
        MethodInfo[] found;
        try
        {
            found = [.. new UserCodeContext(path).LoadFromAssemblyPath(path).GetExportedTypes().SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Static)).Where(IsEntry)];
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ReflectionTypeLoadException or TypeLoadException)
        {
            throw new UserCodeException($"'{path}' cannot be loaded: {e.Message} It must be built for the same .NET and ActorGrid as this command.", e);
        }
        var named = entry is null ? found : [.. found.Where(method => NameOf(method) == entry)];
        if (named.Length == 1) return named[0];
        string all = string.Join(", ", found.Select(NameOf).Order(StringComparer.Ordinal));
        throw new UserCodeException(
            found.Length == 0 ? $"'{path}' has no public static method that takes a GridBuilder: put what is given to AddActorGrid into one, 'public static void Configure(GridBuilder grid)', of a public class."
            : entry is null ? $"'{path}' has several public static methods that take a GridBuilder: choose one by --entry ({all})."
            : $"'{path}' has no method '{entry}' that takes a GridBuilder; it has {all}.");
    }

    private static bool IsEntry(MethodInfo method) =>
        !method.IsGenericMethodDefinition && method.GetParameters() is [{ } only] && only.ParameterType == typeof(GridBuilder);

    private static string NameOf(MethodInfo method) => $"{method.DeclaringType!.FullName}.{method.Name}";
}

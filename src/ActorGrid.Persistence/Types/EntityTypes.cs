using System.Collections.Frozen;

namespace ActorGrid.Persistence;

/// <summary>The entity types of a node, by name and by class, and the checks of what they are asked.</summary>
/// <remarks>Immutable, safe to use from any thread.</remarks>
internal sealed class EntityTypes
{
    private readonly FrozenDictionary<string, EntityType> _byName;
    private readonly FrozenDictionary<Type, EntityType> _byClass;

    /// <summary>Takes types with unique names and classes.</summary>
    /// <exception cref="ArgumentException">A name or a class is there twice.</exception>
    public EntityTypes(IEnumerable<EntityType> types)
    {
        All = [.. types];
        if (All.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } sameName)
        {
            throw new ArgumentException($"Two entity types have the name '{sameName.Key}': give one of them another.", nameof(types));
        }
        if (All.GroupBy(t => t.EntityClass).FirstOrDefault(g => g.Count() > 1) is { } sameClass)
        {
            throw new ArgumentException(
                $"{sameClass.Key.Name} is registered as {string.Join(" and ", sameClass.Select(t => $"'{t.Name}'"))}: keep one, "
                + "or derive a class for each.",
                nameof(types));
        }
        _byName = All.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
        _byClass = All.ToFrozenDictionary(t => t.EntityClass);
    }

    /// <summary>All types, in the order in which they were given.</summary>
    public IReadOnlyList<EntityType> All { get; }

    /// <summary>The type of that name, or null.</summary>
    public EntityType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Checks an ask and gives the type that it is for.</summary>
    /// <exception cref="ArgumentException">The address or the command cannot be meant.</exception>
    public EntityType Check<TEntity>(EntityId entity, object command)
        where TEntity : Entity
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!_byClass.TryGetValue(typeof(TEntity), out var type))
        {
            throw new ArgumentException($"{typeof(TEntity).Name} is not registered: add it to the entity types of the grid.", nameof(command));
        }
        if (entity.Type != type.Name || entity.Key is null)
        {
            throw new ArgumentException($"{command.GetType().Name} is a command of '{type.Name}', and cannot be sent to {entity}.", nameof(entity));
        }
        if (!type.Handles(command.GetType()))
        {
            if (command is IForgetEntity)
            {
                throw new ArgumentException($"'{type.Name}' is not encrypted, so there is nothing by which {entity} could be forgotten: set {nameof(EntityOptions.Keys)} in its options.", nameof(command));
            }
            throw new ArgumentException(
                $"{typeof(TEntity).Name} has no handler for {command.GetType().Name}: add On<{command.GetType().Name}, ...>(...) to its constructor.",
                nameof(command));
        }
        return type;
    }
}

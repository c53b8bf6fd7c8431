using System.CommandLine;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>Names an entity: its type, a slash, and its key, which may hold slashes itself.</summary>
internal static class EntityArgument
{
    /// <summary>The argument.</summary>
    public static Argument<EntityId> Create() => new("entity")
    {
        HelpName = "TYPE/KEY",
        Description = "The entity.",
        CustomParser = static result =>
        {
            string text = result.Tokens[0].Value;
            int slash = text.IndexOf('/', StringComparison.Ordinal);
            try
            {
                if (slash > 0) return EntityId.Create(text[..slash], text[(slash + 1)..]);
                result.AddError($"'{text}' is no entity: write its type, a slash and its key, such as account/alice.");
            }
            catch (ArgumentException e)
            {
                result.AddError(e.Message);
            }
            return default;
        },
    };
}

using System.CommandLine;
using System.CommandLine.Parsing;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>Where the code of the application is.</summary>
internal sealed class CodeOptions
{
    private readonly Option<string?> _code = new("--code") { Description = "The assembly of the application, as it was built.", HelpName = "DLL" };

    private readonly Option<string?> _entry = new("--entry")
    {
        Description = "The public static method that takes a GridBuilder, with its type (Shop.Grid.Configure), if the assembly has several.",
        HelpName = "METHOD",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command, bool isRequired)
    {
        _code.Required = isRequired;
        command.Options.Add(_code);
        command.Options.Add(_entry);
    }

    /// <summary>Whether code is named.</summary>
    public bool IsGiven(SymbolResult parse) => parse.GetValue(_code) is not null;

    /// <summary>The entity types of that code.</summary>
    /// <exception cref="UserCodeException">It cannot be used.</exception>
    public IReadOnlyList<EntityType> Load(ParseResult parse) => UserCode.Load(parse.GetValue(_code)!, parse.GetValue(_entry));

    /// <summary>The type of an entity, by that code.</summary>
    /// <exception cref="UserCodeException">It cannot be used, or has no such type.</exception>
    public EntityType LoadTypeOf(ParseResult parse, EntityId entity)
    {
        var types = Load(parse);
        return types.FirstOrDefault(type => type.Name == entity.Type)
            ?? throw new UserCodeException($"The code adds no entity type '{entity.Type}'; it has {string.Join(", ", types.Select(type => $"'{type.Name}'"))}.");
    }
}

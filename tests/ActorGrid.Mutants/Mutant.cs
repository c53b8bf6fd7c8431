namespace ActorGrid.Mutants;

/// <summary>A bug to be planted: one change of the source, in effect when its name is switched on.</summary>
/// <param name="Name">What it is called, in kebab case.</param>
/// <param name="Finder">What has to find it.</param>
/// <param name="Promise">What the bug breaks.</param>
/// <param name="Changes">The changes of the source.</param>
public sealed record Mutant(string Name, Finder Finder, string Promise, params Change[] Changes)
{
    public override string ToString() => Name;
}

/// <summary>What finds a bug.</summary>
public abstract record Finder
{
    /// <summary>Many bugs are found by the simulation.</summary>
    public static implicit operator Finder(int seedsMax) => new Seeds(seedsMax);
}

/// <summary>The mixed scenario of the simulation.</summary>
/// <param name="Max">Within so many seeds.</param>
public sealed record Seeds(int Max) : Finder;

/// <summary>Tests of one class, of which one fails: for what no whole grid is needed, or what the mixed scenario does not have.</summary>
/// <param name="Project">Their project.</param>
/// <param name="Class">The class.</param>
public sealed record Tests(string Project, string Class) : Finder;

/// <summary>A change of one place.</summary>
/// <param name="File">Relative to the repository.</param>
/// <param name="Find">What stands there, once.</param>
/// <param name="Replace">What shall stand there; <c>@on</c> stands for "this bug is switched on".</param>
public sealed record Change(string File, string Find, string Replace);

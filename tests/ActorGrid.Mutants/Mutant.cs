namespace ActorGrid.Mutants;

/// <summary>A bug to be planted: one change of the source, in effect when its name is switched on.</summary>
/// <param name="Name">What it is called, in kebab case.</param>
/// <param name="SeedsMax">Within so many seeds of the mixed scenario the simulator has to find it.</param>
/// <param name="Promise">What the bug breaks.</param>
/// <param name="Changes">The changes of the source.</param>
public sealed record Mutant(string Name, int SeedsMax, string Promise, params Change[] Changes)
{
    public override string ToString() => Name;
}

/// <summary>A change of one place.</summary>
/// <param name="File">Relative to the repository.</param>
/// <param name="Find">What stands there, once.</param>
/// <param name="Replace">What shall stand there; <c>@on</c> stands for "this bug is switched on".</param>
public sealed record Change(string File, string Find, string Replace);

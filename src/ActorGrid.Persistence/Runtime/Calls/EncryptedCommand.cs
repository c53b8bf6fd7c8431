namespace ActorGrid.Persistence;

/// <summary>Stands for the command of a timer that can be read only with the key of its entity.</summary>
internal sealed class EncryptedCommand
{
    public static readonly EncryptedCommand Instance = new();
}

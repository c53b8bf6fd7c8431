namespace ActorGrid.Sqlite;

/// <summary>An append contradicts what is stored. It is taken back and refused; the others of its transaction are not at fault.</summary>
internal sealed class ConflictException(string message) : Exception(message);

namespace ActorGrid.Actors;

/// <summary>Bytes could not be read as the message that they were said to be; the message names the manifest.</summary>
/// <param name="message">What could not be read, and why.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class CodecException(string message, Exception? innerException = null) : Exception(message, innerException);

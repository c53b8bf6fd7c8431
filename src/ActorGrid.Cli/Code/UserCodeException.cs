namespace ActorGrid.Cli;

/// <summary>The code of the application cannot be used; the message says what to do.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">The cause, if there is one.</param>
internal sealed class UserCodeException(string message, Exception? innerException = null) : Exception(message, innerException);

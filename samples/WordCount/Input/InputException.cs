namespace WordCount;

/// <summary>What the user gave cannot be counted, or what was asked for cannot be written; the message says what and why.</summary>
public sealed class InputException(string message, Exception? cause = null) : Exception(message, cause);

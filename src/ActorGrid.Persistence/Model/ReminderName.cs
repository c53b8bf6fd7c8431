namespace ActorGrid.Persistence;

/// <summary>The rules for the names of reminders and attachments.</summary>
internal static class ReminderName
{
    public const int LengthMax = 200;

    /// <summary>The reserved timer that marks an entity as active.</summary>
    public const string Active = "$active";

    public static string Check(string name) => CheckLength(name)[0] == '$'
        ? throw new ArgumentException($"The name '{name}' begins with '$', which is reserved: choose another.", nameof(name))
        : name;

    public static string CheckLength(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Length <= LengthMax
            ? name
            : throw new ArgumentException($"The name '{name[..40]}...' has {name.Length} characters; at most {LengthMax} are allowed.", nameof(name));
    }
}

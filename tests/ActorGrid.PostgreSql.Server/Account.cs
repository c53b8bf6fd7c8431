namespace ActorGrid.PostgreSql.Server;

/// <summary>The account that the server runs under: PostgreSQL refuses to be root.</summary>
internal static class Account
{
    public static bool IsNeeded => string.Equals(Environment.UserName, "root", StringComparison.Ordinal);

    public static string Name { get; } =
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    /// <summary>A command as the account runs it: in the same process, so that its id is the server's.</summary>
    public static string[] Command(string[] command) =>
        IsNeeded ? ["setpriv", $"--reuid={Name}", $"--regid={GroupId()}", "--clear-groups", "--", .. command] : command;

    private static string GroupId() => File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
        .First(fields => string.Equals(fields[0], Name, StringComparison.Ordinal))[3];
}

using System.CommandLine;
using System.CommandLine.Invocation;
using ActorGrid.Persistence;
using Microsoft.Extensions.Options;

namespace ActorGrid.Cli;

/// <summary>The command, from its arguments to its exit code.</summary>
internal static class ActorGridCommand
{
    /// <summary>Runs it. Results go to the output, everything else to the errors.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Where results go that somebody reads.</param>
    /// <param name="bytes">Opens the same output for results that are bytes; they are not changed on the way.</param>
    /// <param name="error">Where errors and progress go.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, Func<Stream> bytes, TextWriter error, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Looks after a grid. Exit codes: 0 done, 1 something is wrong with what was looked at, 2 it could not be done.") { JournalCommand.Create(output, bytes, error) };
        // A value may begin with @: it is no file of arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction mistake) mistake.ShowHelp = false;
        try
        {
            int code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false }, cancellationToken);
            return parsed.Errors.Count > 0 ? ExitCode.Failed : code;
        }
        catch (Exception e) when (IsExpected(e))
        {
            // The name of a parameter says nothing to whoever types commands.
            await error.WriteLineAsync(e is OperationCanceledException ? "Stopped." : PayloadText.Of(e.Message.Split(" (Parameter '", 2, StringSplitOptions.None)[0]));
            return e is CommandRejectedException or QuarantinedException or HistoryUnavailableException or EventsRemovedException or EntityForgottenException ? ExitCode.Found : ExitCode.Failed;
        }
    }

    private static bool IsExpected(Exception e) =>
        e is StoreException or EntityException or ArgumentException or UserCodeException or EntityRegistrationException or OptionsValidationException or IOException or InvalidDataException or UnauthorizedAccessException
            or OperationCanceledException;
}

/// <summary>What the command ends with.</summary>
internal static class ExitCode
{
    /// <summary>It was done, and nothing is wrong.</summary>
    public const int Done = 0;

    /// <summary>It was done, and something is wrong with what was looked at: an entity is quarantined, a preflight did not pass, a repair was refused.</summary>
    public const int Found = 1;

    /// <summary>It could not be done: a wrong argument, a store that cannot be opened.</summary>
    public const int Failed = 2;
}

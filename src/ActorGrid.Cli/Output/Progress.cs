using Spectre.Console;

namespace ActorGrid.Cli;

/// <summary>Says on the terminal how far long work has come; nothing where the errors do not go to one.</summary>
internal static class Progress
{
    /// <summary>Does the work.</summary>
    /// <param name="error">Where errors go.</param>
    /// <param name="title">What is done.</param>
    /// <param name="work">The work; it may call what it is given as often as it likes, from one thread at a time.</param>
    public static Task<T> RunAsync<T>(TextWriter error, string title, Func<Action<string>, Task<T>> work)
    {
        if (error != Console.Error || Console.IsErrorRedirected) return work(static _ => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Status().StartAsync(Markup.Escape(title), status => work(text => status.Status = Markup.Escape($"{title}: {text}")));
    }
}

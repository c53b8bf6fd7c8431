using System.CommandLine;
using System.CommandLine.Invocation;
using Spectre.Console;
using WordCount;

// What is counted goes to the output, all that is said on the way to the errors, so that either can be kept apart.
IAnsiConsole output = Make(Console.Out, Console.IsOutputRedirected), errors = Make(Console.Error, Console.IsErrorRedirected);
ParseResult parsed = CommandLine.Create(new CountCommand(output, errors).RunAsync)
    .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction mistake)
    mistake.ShowHelp = false;
return await parsed.InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
});

static IAnsiConsole Make(TextWriter writer, bool redirected) => AnsiConsole.Create(new AnsiConsoleSettings
{
    Out = new AnsiConsoleOutput(writer),
    Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
    Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
});

using System.CommandLine;
using System.CommandLine.Invocation;
using ActorGrid.Failover;
using Npgsql;
using Spectre.Console;

const int Error = 2;

var command = new FailoverCommand(AnsiConsole.Console);
var commandLine = new CommandLine(
    command.MeasureAsync,
    command.MakeChaosAsync,
    (kind, settings) => kind switch
    {
        "node" => Child.RunNodeAsync(settings),
        "client" => Child.RunClientAsync(settings),
        _ => Child.RunReaderAsync(settings),
    });
var parsed = commandLine.Root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction mistake) mistake.ShowHelp = false;
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is ChildException or NpgsqlException or IOException or UnauthorizedAccessException or InvalidOperationException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync(e is ChildException or OperationCanceledException ? e.Message : e.ToString());
    return Error;
}

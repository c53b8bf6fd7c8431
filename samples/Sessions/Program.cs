using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Sessions;
using Spectre.Console;

// The first Ctrl+C ends the load, and what was acknowledged is verified, which takes as long as it takes. The second one ends the program.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

var commandLine = new CommandLine();
var command = new SessionsCommand(AnsiConsole.Console);
commandLine.Root.SetAction(async parsed => await command.RunAsync(commandLine.Read(parsed), stop.Token) ? 0 : 1);

var parsed = commandLine.Root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction mistake) mistake.ShowHelp = false;
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

void End(PosixSignalContext signal)
{
    if (stop.IsCancellationRequested) return;
    signal.Cancel = true;
    stop.Cancel();
}

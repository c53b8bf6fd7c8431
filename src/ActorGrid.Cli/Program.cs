using ActorGrid.Cli;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
return await ActorGridCommand.RunAsync(args, Console.Out, Console.OpenStandardOutput, Console.Error, stop.Token);

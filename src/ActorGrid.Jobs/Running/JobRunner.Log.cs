using ActorGrid.Persistence;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Jobs;

internal sealed partial class JobRunner
{
    [LoggerMessage(100, LogLevel.Information, "{Job} is in hand: {Done} of {Total} parts are done")]
    private static partial void LogInHand(ILogger logger, EntityId job, int done, int total);

    [LoggerMessage(101, LogLevel.Information, "{Job} has ended: {Status}")]
    private static partial void LogEnded(ILogger logger, EntityId job, JobStatus? status);

    [LoggerMessage(102, LogLevel.Warning, "{Job}: attempt {Attempt} of {Step} failed")]
    private static partial void LogAttemptFailed(ILogger logger, EntityId job, int attempt, string step, Exception error);

    [LoggerMessage(103, LogLevel.Warning, "{Job}: '{Command}' got no answer, it is sent again in {Delay}")]
    private static partial void LogReportFailed(ILogger logger, EntityId job, string command, TimeSpan delay, Exception error);

    [LoggerMessage(
        105, LogLevel.Error,
        "{Job} is not finished, and its type is not registered on this node: it goes on where that is; else add .AddJob<...>(\"{Type}\", ...) to the grid")]
    private static partial void LogNotRegistered(ILogger logger, EntityId job, string type);

    [LoggerMessage(104, LogLevel.Error, "{Job} cannot go on, it is taken up again in {Delay}")]
    private static partial void LogSetBack(ILogger logger, EntityId job, TimeSpan delay, Exception error);

    [LoggerMessage(106, LogLevel.Critical, "A defect in the job runner, found on behalf of {Job}")]
    private static partial void LogDefect(ILogger logger, EntityId? job, Exception error);

    [LoggerMessage(107, LogLevel.Error, "{Job}: '{Command}' is given up until the job is loaded again")]
    private static partial void LogGivenUp(ILogger logger, EntityId job, string command, Exception error);

    [LoggerMessage(108, LogLevel.Information, "{Job} has left this node")]
    private static partial void LogLeft(ILogger logger, EntityId job);

    [LoggerMessage(109, LogLevel.Information, "{Job}: {Step} comes back from {Node}, which has not done it: {Why}")]
    private static partial void LogReturned(ILogger logger, EntityId job, string step, string node, string why);

    [LoggerMessage(110, LogLevel.Warning, "{Job}: {Step} was lost with {Node}, and is given out again")]
    private static partial void LogLost(ILogger logger, EntityId job, string step, string node);
}

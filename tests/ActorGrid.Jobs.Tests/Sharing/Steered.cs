using System.Globalization;
using ActorGrid.Jobs.Tests.Pure;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>Each run of a part waits until the test lets it go on, or until it is cancelled.</summary>
internal sealed class Steered : Script
{
    public List<Run> Runs { get; } = [];

    /// <summary>From now on parts end at once.</summary>
    public bool IsFree { get; set; }

    /// <summary>What a part results in; null: as the script says.</summary>
    public Func<int, string>? Partial { get; init; }

    public IEnumerable<Run> Under => Runs.Where(run => !run.Gate.Task.IsCompleted);

    public Run Of(int part) => Runs.Last(run => run.Context.Part == part);

    public void Free()
    {
        IsFree = true;
        foreach (var run in Under.ToList()) run.Gate.SetResult();
    }

    public override async ValueTask<string> RunAsync(int part, JobContext context)
    {
        var run = new Run(context, new TaskCompletionSource());
        Runs.Add(run);
        if (IsFree) run.Gate.SetResult();
        await using var cancelled = context.CancellationToken.Register(() => run.Gate.TrySetCanceled(context.CancellationToken));
        await run.Gate.Task;
        Ran.Add(part);
        return Partial?.Invoke(part) ?? string.Create(CultureInfo.InvariantCulture, $"{part},");
    }

    internal sealed record Run(JobContext Context, TaskCompletionSource Gate);
}

using System.Globalization;

namespace ActorGrid.Actors;

/// <summary>Something that is bounded was full, and what was asked for was refused at once: it has not happened, and this attempt will not make it happen later. Come back after
/// <see cref="RetryAfter"/>, or shed the load. Asks of actors and of entities end with it, and submissions of jobs.</summary>
/// <remarks>It speaks of one attempt: who gave a command an id and has sent it before learns nothing about that earlier one.</remarks>
/// <param name="target">See <see cref="Target"/>.</param>
/// <param name="bound">See <see cref="Bound"/>.</param>
/// <param name="limit">See <see cref="Limit"/>.</param>
/// <param name="option">See <see cref="Option"/>.</param>
/// <param name="retryAfter">See <see cref="RetryAfter"/>.</param>
/// <param name="message">What to say; null: it is put together from the rest.</param>
public class OverloadedException(string target, string bound, long limit, string option, TimeSpan retryAfter, string? message = null) : Exception(message)
{
    private readonly string? _message = message;

    /// <summary>Whom it was for: the path of an actor, or the address of an entity or a job.</summary>
    public string Target { get; } = target;

    /// <summary>What is full, in words, such as <c>commands in the hands of its shard</c>.</summary>
    public string Bound { get; } = bound;

    /// <summary>How many (or how many bytes, if <see cref="Bound"/> says so) are let in.</summary>
    public long Limit { get; } = limit;

    /// <summary>The name of the option that raises the bound, where the target lives; empty if there is none. It names the bound in the metric <c>actorgrid.refused</c>, too.</summary>
    public string Option { get; } = option;

    /// <summary>After how long it is worth trying again: the longer the bound has been full, the longer, and different for each refusal, so that not all come back at once. Above zero.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <inheritdoc/>
    public override string Message => _message ?? string.Create(
        CultureInfo.InvariantCulture,
        $"{Target} cannot take it: {Limit:N0} {Bound}, which is the bound{(Option.Length > 0 ? $" ({Option})" : "")}. Nothing was done, and nothing will be; try again in {Math.Ceiling(RetryAfter.TotalMilliseconds):N0} ms.");
}

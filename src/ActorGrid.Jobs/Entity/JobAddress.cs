using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Where a job lives: all jobs are entities of one type, and the key is the name of the job's type, a slash and the job's
/// id.</summary>
internal static class JobAddress
{
    public const string EntityType = "job";

    /// <summary>The address of a job.</summary>
    /// <exception cref="ArgumentException">The id is not allowed.</exception>
    public static EntityId Of(string type, string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (id.Length > JobLimits.JobIdLengthMax)
        {
            throw new ArgumentException(
                $"The job id '{id[..40]}...' has {id.Length} characters; at most {JobLimits.JobIdLengthMax} are allowed.", nameof(id));
        }
        EntityId.CheckKey(id);
        return EntityId.Create(EntityType, KeyPrefix(type) + id);
    }

    /// <summary>The address of the job whose entity has that key.</summary>
    /// <exception cref="ArgumentException">No job has such a key.</exception>
    public static EntityId Parse(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1) throw new ArgumentException($"No job has the key '{key}'.", nameof(key));
        return Of(key[..slash], key[(slash + 1)..]);
    }

    public static string KeyPrefix(string type) => type + "/";

    public static string TypeOf(EntityId job) => job.Key[..job.Key.IndexOf('/', StringComparison.Ordinal)];

    public static string IdOf(EntityId job) => job.Key[(job.Key.IndexOf('/', StringComparison.Ordinal) + 1)..];
}

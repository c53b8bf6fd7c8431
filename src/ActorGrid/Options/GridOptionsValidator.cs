using System.Net;
using Microsoft.Extensions.Options;

namespace ActorGrid;

/// <summary>Checks <see cref="GridOptions"/> when the host starts; each failure names the property, its value and what is allowed.</summary>
internal sealed class GridOptionsValidator : IValidateOptions<GridOptions>
{
    public ValidateOptionsResult Validate(string? name, GridOptions options)
    {
        var failures = new List<string>();
        Require(options.Name is { Length: >= 1 and <= 64 } && !string.IsNullOrWhiteSpace(options.Name), nameof(options.Name), options.Name, "1 to 64 characters");
        Within(options.ShardCount, 1, 65_536, nameof(options.ShardCount));
        Within(options.Workers, 1, 1_024, nameof(options.Workers));
        Within(options.JobWorkers, 1, 1_024, nameof(options.JobWorkers));
        Within(options.RepliesInMemoryMax, 1_024, 100_000_000, nameof(options.RepliesInMemoryMax));
        Within(options.EntitiesInMemoryMax, 1, 100_000_000, nameof(options.EntitiesInMemoryMax));
        Within(options.JobsOpenMax, 1, 10_000_000, nameof(options.JobsOpenMax));
        Within(options.JobsOpenPerSubmitterMax, 1, 10_000_000, nameof(options.JobsOpenPerSubmitterMax));
        Within(options.OpenAsksMax, 1, 100_000_000, nameof(options.OpenAsksMax));
        Within(options.CommandsPerShardMax, 1, 10_000_000, nameof(options.CommandsPerShardMax));
        Within(options.AskTimeoutMax, TimeSpan.FromTicks(1), TimeSpan.FromDays(15), nameof(options.AskTimeoutMax));
        Within(options.AskTimeout, TimeSpan.FromTicks(1), options.AskTimeoutMax, nameof(options.AskTimeout), $" ({nameof(options.AskTimeoutMax)})");
        Within(
            options.CommandIdRetention, 2 * options.AskTimeoutMax, TimeSpan.FromDays(30), nameof(options.CommandIdRetention),
            $" (the lower bound is twice {nameof(options.AskTimeoutMax)})");
        CheckCluster(options.Cluster);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void CheckCluster(GridClusterOptions? cluster)
        {
            if (cluster is null)
            {
                failures.Add($"{nameof(GridOptions)}.{nameof(GridOptions.Cluster)} is null: leave it as it is for a grid of one node.");
                return;
            }
            const string prefix = $"{nameof(GridOptions.Cluster)}.";
            Require(IsHost(cluster.Host), prefix + nameof(cluster.Host), cluster.Host, "an IP address or the name of a host; null for none");
            Require(IsHost(cluster.AdvertisedHost), prefix + nameof(cluster.AdvertisedHost), cluster.AdvertisedHost, $"an IP address or the name of a host; null for {nameof(cluster.Host)}");
            Require(
                !IsAnyAddress(cluster.AdvertisedHost ?? cluster.Host), prefix + nameof(cluster.AdvertisedHost), cluster.AdvertisedHost,
                $"an address or a name that other nodes can dial; {cluster.AdvertisedHost ?? cluster.Host} is every address of a host and none to dial");
            Require(cluster.Host is null || !cluster.IsClient, prefix + nameof(cluster.IsClient), cluster.IsClient, $"false beside a {nameof(cluster.Host)} (a client listens nowhere)");
            Within(cluster.Port, 0, 65_535, prefix + nameof(cluster.Port));
            try
            {
                cluster.Translate().Check();
            }
            catch (ArgumentException e)
            {
                failures.Add($"{nameof(GridOptions)}.{prefix}{e.Message}");
            }
        }

        // A port beside it goes into Port; what the name means is found when the node listens.
        static bool IsHost(string? host) => host is null || Uri.CheckHostName(host) != UriHostNameType.Unknown;

        static bool IsAnyAddress(string? host) => IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

        void Require(bool holds, string property, object? value, string allowed)
        {
            if (!holds) failures.Add(FormattableString.Invariant($"{nameof(GridOptions)}.{property} is '{value}'; allowed: {allowed}."));
        }

        void Within<T>(T value, T min, T max, string property, string note = "")
            where T : IComparable<T> =>
            Require(value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, property, value, FormattableString.Invariant($"{min} to {max}{note}"));
    }
}

using System.Globalization;

namespace ActorGrid.Cluster;

public sealed partial record Member
{
    /// <summary>The most characters of a name.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The most characters of an endpoint.</summary>
    public const int EndpointLengthMax = 256;

    /// <summary>The most characters of a host.</summary>
    public const int HostLengthMax = 256;

    /// <summary>The most characters of a role.</summary>
    public const int RoleLengthMax = 64;

    /// <summary>The most roles of a member.</summary>
    public const int RolesMax = 32;

    /// <summary>The greatest weight.</summary>
    public const int WeightMax = 10_000;

    /// <summary>What is wrong with it; null: nothing.</summary>
    internal string? Fault()
    {
        if (Incarnation == Guid.Empty) return $"{Name} has no incarnation";
        if (Name is not { Length: >= 1 and <= NameLengthMax }) return Say($"a name has 1 to {NameLengthMax} characters, not {Name?.Length}");
        if (Endpoint is not { Length: >= 1 and <= EndpointLengthMax }) return Say($"{Name}: an endpoint has 1 to {EndpointLengthMax} characters");
        if (Host is not (null or { Length: >= 1 and <= HostLengthMax })) return Say($"{Name}: a host has 1 to {HostLengthMax} characters");
        if (Weight is < 1 or > WeightMax) return Say($"{Name}: a weight is from 1 to {WeightMax}, not {Weight}");
        if (Version < 0) return Say($"{Name}: a version is 0 or more, not {Version}");
        if (Roles.Length > RolesMax) return Say($"{Name} has {Roles.Length} roles; at most {RolesMax} are allowed");
        for (int i = 0; i < Roles.Length; i++)
        {
            if (Roles[i] is not { Length: >= 1 and <= RoleLengthMax }) return Say($"{Name}: a role has 1 to {RoleLengthMax} characters");
            if (i > 0 && string.CompareOrdinal(Roles[i - 1], Roles[i]) >= 0) return $"{Name}: its roles are not in ordinal order, each once";
        }
        return null;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

namespace ActorGrid;

/// <summary>The name of a node that was given none.</summary>
internal static class NodeName
{
    private const int LengthMax = 64, EndLength = 20;

    /// <summary>The endpoint, or "client" where there is none. A long one is shortened in the middle: hosts differ in their first label, nodes of one host in the port.</summary>
    public static string Of(string endpoint) => endpoint.Length switch
    {
        0 => "client",
        <= LengthMax => endpoint,
        _ => $"{endpoint[..(LengthMax - EndLength - 1)]}\u2026{endpoint[^EndLength..]}",
    };
}

namespace SampleNodes;

/// <summary>What the command line says about nodes.</summary>
/// <param name="Nodes">How many nodes to start as processes; 0: they run already; null: one, in this process and alone.</param>
/// <param name="Store">Where the grid is kept.</param>
/// <param name="Kill">Whether to kill one in the middle.</param>
/// <param name="Join">How to be a node and nothing else; null: this process is not one.</param>
public sealed record NodeRequest(int? Nodes, StoreChoice Store, bool Kill, JoinRequest? Join);

/// <summary>How to be a node.</summary>
/// <param name="Host">The address to listen on.</param>
/// <param name="Port">The port; 0: any.</param>
/// <param name="Name">What people call it; null: its endpoint.</param>
/// <param name="AllowPlaintext">Whether it may talk to other hosts without TLS.</param>
/// <param name="IsChild">Whether another process has started it, and ends it by closing its standard input.</param>
public sealed record JoinRequest(string Host, int Port, string? Name, bool AllowPlaintext, bool IsChild);

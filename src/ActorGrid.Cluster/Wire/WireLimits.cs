using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>The bounds of what nodes say to each other: checked by who writes, so that its caller gets the error, and by who reads before it
/// allocates anything.</summary>
internal static class WireLimits
{
    /// <summary>The version of the layout, the first byte of each message.</summary>
    public const byte Version = 1;

    /// <summary>The most bytes of what a message carries: a command, a reply, a view, a piece of states.</summary>
    public const int PayloadBytesMax = 16 << 20;

    /// <summary>The most bytes of a message.</summary>
    public const int MessageBytesMax = PayloadBytesMax + 4096;

    /// <summary>The most bytes of the name of an entity type, in UTF-8; it is ASCII.</summary>
    public const int TypeBytesMax = EntityId.TypeLengthMax;

    /// <summary>The most bytes of the key of an entity, in UTF-8: 3 a character.</summary>
    public const int KeyBytesMax = EntityId.KeyLengthMax * 3;

    /// <summary>The most bytes of the name of a command, in UTF-8: 3 a character.</summary>
    public const int CommandBytesMax = ReminderName.LengthMax * 3;

    /// <summary>The most bytes of the name of a service, in UTF-8.</summary>
    public const int ServiceBytesMax = 64;

    /// <summary>How many nodes may pass an ask on.</summary>
    public const byte RelaysMax = 1;
}

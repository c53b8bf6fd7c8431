using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>
/// The file of an export: a line of JSON that says what it is, a line for each row of an <see cref="IGridArchive"/> in its order, and a line that counts the rows of each kind, by which a reader knows that nothing is missing.
/// The fields of a line come in the order in which they are written.
/// </summary>
internal static class ArchiveFormat
{
    /// <summary>The name of the format, in the first line.</summary>
    public const string Name = "actorgrid-journal";

    /// <summary>The version of the format, in the first line. 1 had events alone.</summary>
    public const int Version = 2;

    /// <summary>The kind of the last line.</summary>
    public const string End = "end";

    /// <summary>The kind of a line that goes on with the payload of the one before.</summary>
    public const string More = "more";

    /// <summary>A larger payload goes on in further lines: base64 of the largest attachment is more than a writer of JSON takes at once.</summary>
    public const int PieceBytesMax = JournalLimits.PayloadBytesMax;

    /// <summary>The longest line that is read: a piece in base64 has 22.4 million bytes, and the names around it a few thousand.</summary>
    public const int LineBytesMax = 24 << 20;

    /// <summary>A payload that is text and no JSON is written as text up to this size: escaped, it can be six times as long.</summary>
    public const int TextBytesMax = 1 << 20;

    /// <summary>The kinds of lines by <see cref="ArchiveKind"/>.</summary>
    public static readonly string[] Kinds = ["horizon", "role", "type", "shard", "event", "snapshot", "reply", "timer", "attachment", "cursor"];
}

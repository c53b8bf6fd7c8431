namespace ActorGrid.Persistence;

/// <summary>The order of the rows of an archive: by kind, and within a kind by what names the row, which is there once.</summary>
internal sealed class ArchiveOrder : IComparer<ArchiveRow>
{
    public static readonly ArchiveOrder Instance = new();

    public int Compare(ArchiveRow? x, ArchiveRow? y) => (x, y) switch
    {
        (ArchivedRole a, ArchivedRole b) => a.FirstShard.CompareTo(b.FirstShard),
        (ArchivedEntityType a, ArchivedEntityType b) => Compare(a.Type, b.Type),
        (ArchivedShard a, ArchivedShard b) => a.Shard.CompareTo(b.Shard),
        (ArchivedEvent a, ArchivedEvent b) => First(a.Shard.CompareTo(b.Shard), a.Stored.Offset.CompareTo(b.Stored.Offset)),
        (ArchivedSnapshot a, ArchivedSnapshot b) => Compare(a.Snapshot.Entity, b.Snapshot.Entity),
        (ArchivedReply a, ArchivedReply b) when a.Reply.Command != b.Reply.Command => a.Reply.Command.CompareTo(b.Reply.Command),
        (ArchivedReply a, ArchivedReply b) => Compare(a.Reply.Entity, b.Reply.Entity),
        (ArchivedTimer a, ArchivedTimer b) => Compare(a.Timer.Entity, a.Timer.Name, b.Timer.Entity, b.Timer.Name),
        (ArchivedAttachment a, ArchivedAttachment b) => Compare(a.Entity, a.Name, b.Entity, b.Name),
        (ArchivedCursor a, ArchivedCursor b) => First(Compare(a.Key.Name, b.Key.Name), a.Key.Shard.CompareTo(b.Key.Shard)),
        _ => x!.Kind.CompareTo(y!.Kind),
    };

    private static int Compare(EntityId x, string xName, EntityId y, string yName) => First(Compare(x, y), Compare(xName, yName));

    private static int Compare(EntityId x, EntityId y) => First(Compare(x.Type, y.Type), Compare(x.Key, y.Key));

    private static int Compare(string x, string y) => ReferenceEquals(x, y) ? 0 : Utf8Order.Instance.Compare(x, y);

    private static int First(int order, int then) => order != 0 ? order : then;
}

namespace ActorGrid.Sqlite;

/// <summary>A step from one version of the schema to the next.</summary>
/// <param name="Version">The version that it leads to; versions count from 1.</param>
/// <param name="OldestReader">The oldest version of this code's schema that may still work on the file afterwards.</param>
/// <param name="Sql">What it does, in one transaction.</param>
internal sealed record Migration(int Version, int OldestReader, string Sql)
{
    /// <summary>All steps in order. A released step is never changed; a new one is added at the end.</summary>
    public static readonly IReadOnlyList<Migration> All =
    [
        new(1, OldestReader: 1, Version1), new(2, OldestReader: 1, Version2), new(3, OldestReader: 1, Version3), new(4, OldestReader: 1, Version4),
    ];

    // event is a log: rows are only ever added behind the last, so a group of a thousand events touches a few dozen pages, whatever number of
    // entities it is about. An index over it by entity would touch a page for each event. Instead, where the events of an entity and of a
    // shard stand is noted in runs of neighbouring positions, in bulk, behind the writing (see RunIndex); progress says up to where.
    // reply begins with the command, which begins with its time of issue, so it grows at its end as well, and is forgotten at its beginning.
    private const string Version1 = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
        CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), indexed_position INTEGER NOT NULL, forgotten_before INTEGER NOT NULL) STRICT;
        INSERT INTO progress VALUES (1, 0, 0);
        CREATE TABLE shard (
            shard INTEGER PRIMARY KEY, term INTEGER NOT NULL, generation INTEGER NOT NULL, owner BLOB NOT NULL,
            last_offset INTEGER NOT NULL, youngest_reply INTEGER NOT NULL) STRICT;
        CREATE TABLE entity (
            id INTEGER PRIMARY KEY, type TEXT NOT NULL, key TEXT NOT NULL, has_events INTEGER NOT NULL, UNIQUE (type, key)) STRICT;
        CREATE TABLE event (
            position INTEGER PRIMARY KEY, shard INTEGER NOT NULL, shard_offset INTEGER NOT NULL, entity INTEGER NOT NULL, sequence INTEGER NOT NULL,
            term INTEGER NOT NULL, generation INTEGER NOT NULL, at INTEGER NOT NULL, manifest TEXT NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE TABLE entity_run (
            entity INTEGER NOT NULL, first INTEGER NOT NULL, position INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (entity, first)) WITHOUT ROWID, STRICT;
        CREATE TABLE shard_run (
            shard INTEGER NOT NULL, first INTEGER NOT NULL, position INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (shard, first)) WITHOUT ROWID, STRICT;
        CREATE TABLE reply (
            command BLOB NOT NULL, entity INTEGER NOT NULL, kind INTEGER NOT NULL, payload BLOB NOT NULL,
            PRIMARY KEY (command, entity)) WITHOUT ROWID, STRICT;
        CREATE TABLE timer (
            entity INTEGER NOT NULL, name TEXT NOT NULL, shard INTEGER NOT NULL, due INTEGER NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL,
            set_sequence INTEGER NOT NULL, manifest TEXT NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (entity, name)) WITHOUT ROWID, STRICT;
        CREATE UNIQUE INDEX timer_by_due ON timer (shard, due, type, key, name);
        CREATE TABLE attachment (
            id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, name TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (entity, name)) STRICT;
        CREATE TABLE snapshot (
            entity INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, term INTEGER NOT NULL, generation INTEGER NOT NULL, at INTEGER NOT NULL,
            payload BLOB NOT NULL) STRICT;
        """;
    // The cluster: the view whole, its version where it is read without the rest, and a row for each lease (16 bytes of incarnation for each suspect).
    private const string Version2 = """
        CREATE TABLE view (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE TABLE lease (
            incarnation BLOB PRIMARY KEY, number INTEGER NOT NULL, suspects BLOB NOT NULL, revoked INTEGER NOT NULL,
            ended INTEGER NOT NULL) WITHOUT ROWID, STRICT;
        """;

    // How far each subscription has come; not "cursor", which some tools take for a word of SQL.
    private const string Version3 = """
        CREATE TABLE subscription (
            name TEXT NOT NULL, shard INTEGER NOT NULL, version INTEGER NOT NULL, term INTEGER NOT NULL, generation INTEGER NOT NULL,
            done INTEGER NOT NULL, given INTEGER NOT NULL, issued_at INTEGER NOT NULL, PRIMARY KEY (name, shard)) WITHOUT ROWID, STRICT;
        """;

    // What was removed on purpose. Not columns of snapshot and shard: older versions insert into these by position, and SQLite writes a row whole, here with the state of the entity.
    private const string Version4 = """
        CREATE TABLE entity_removal (entity INTEGER PRIMARY KEY, removed_to INTEGER NOT NULL) STRICT;
        CREATE TABLE shard_removal (shard INTEGER PRIMARY KEY, removed_to INTEGER NOT NULL) STRICT;
        """;
}

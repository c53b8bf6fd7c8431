namespace ActorGrid.PostgreSql;

/// <summary>A step from one version of the schema to the next.</summary>
/// <param name="Version">The version that it leads to; versions count from 1.</param>
/// <param name="OldestReader">The oldest version of this code's schema that may still work on the database afterwards.</param>
/// <param name="Sql">What it does, in one transaction.</param>
internal sealed record Migration(int Version, int OldestReader, string Sql)
{
    /// <summary>All steps in order. A released step is never changed; a new one is added at the end.</summary>
    public static readonly IReadOnlyList<Migration> All = [new(1, OldestReader: 1, Version1), new(2, OldestReader: 1, Version2), new(3, OldestReader: 1, Version3)];

    // Keys are ordered by their bytes, as all stores order them. shard is updated with each append and has room on its pages for that; its mark is the
    // transaction that moved it last, by which the statements of an append tell what they may write. reply begins with the command, which begins with its
    // time of issue, so it grows at its end and is forgotten at its beginning.
    private const string Version1 = """
        CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);
        CREATE TABLE progress (one int PRIMARY KEY CHECK (one = 1), forgotten_before bigint NOT NULL);
        INSERT INTO progress VALUES (1, 0);
        CREATE TABLE shard (
            shard int PRIMARY KEY, term bigint NOT NULL, generation int NOT NULL, owner uuid NOT NULL,
            last_offset bigint NOT NULL, youngest_reply bigint NOT NULL, mark xid8 NOT NULL)
            WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
        CREATE TABLE event (
            shard int NOT NULL, generation int NOT NULL, shard_offset bigint NOT NULL, term bigint NOT NULL, sequence bigint NOT NULL, at bigint NOT NULL,
            type text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, manifest text COLLATE "C" NOT NULL, payload bytea NOT NULL,
            PRIMARY KEY (shard, shard_offset), UNIQUE (type, key, sequence));
        CREATE TABLE reply (
            command uuid NOT NULL, kind int NOT NULL, type text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL,
            PRIMARY KEY (command, type, key));
        CREATE TABLE timer (
            type text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, shard int NOT NULL, due bigint NOT NULL,
            set_sequence bigint NOT NULL, manifest text COLLATE "C" NOT NULL, payload bytea NOT NULL,
            PRIMARY KEY (type, key, name), UNIQUE (shard, due, type, key, name));
        CREATE TABLE attachment (
            type text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, payload bytea NOT NULL,
            PRIMARY KEY (type, key, name));
        ALTER TABLE attachment ALTER payload SET STORAGE EXTERNAL;
        CREATE TABLE snapshot (
            type text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, sequence bigint NOT NULL, term bigint NOT NULL, generation int NOT NULL,
            at bigint NOT NULL, payload bytea NOT NULL, PRIMARY KEY (type, key));
        CREATE TABLE view (one int PRIMARY KEY CHECK (one = 1), version bigint NOT NULL, document bytea, mark xid8 NOT NULL);
        INSERT INTO view VALUES (1, 0, NULL, '0');
        CREATE TABLE lease (
            incarnation uuid PRIMARY KEY, number bigint NOT NULL, suspects uuid[] NOT NULL, is_revoked bool NOT NULL, has_ended bool NOT NULL,
            presence bigint NOT NULL)
            WITH (fillfactor = 20);
        """;

    // How far each subscription has come. Updated again and again, on pages with room for that.
    private const string Version2 = """
        CREATE TABLE subscription (
            name text COLLATE "C" NOT NULL, shard int NOT NULL, version bigint NOT NULL, term bigint NOT NULL, generation int NOT NULL,
            done bigint NOT NULL, given bigint NOT NULL, issued_at bigint NOT NULL, PRIMARY KEY (name, shard))
            WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
        """;

    // What was removed on purpose: the last sequence number of an entity, the greatest offset of a shard. Not in the rows of snapshots, which are locked for as long as it takes to save them: who removes holds the row of the
    // shard, and appends wait behind it.
    private const string Version3 = """
        CREATE TABLE entity_removal (
            type text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, removed_to bigint NOT NULL, PRIMARY KEY (type, key)) WITH (fillfactor = 50);
        CREATE TABLE shard_removal (shard int PRIMARY KEY, removed_to bigint NOT NULL) WITH (fillfactor = 50);
        """;
}

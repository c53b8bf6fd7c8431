using System.Diagnostics;
using System.Text;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Conformance;

/// <summary>What an encrypted entity stores shows nothing, wherever it lies in the database, and is there again when the database is opened anew.</summary>
public abstract class PrivacyConformance : StoreConformance
{
    private const string Word = "Sarcoidosis-of-Ann-Droste";
    private static readonly EntityId A = EntityId.Create("patient", "p-17");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly InMemoryKeyStore _keys = new();

    [SkippableFact]
    public async Task Nothing_that_an_encrypted_entity_says_is_found_in_the_database()
    {
        await WriteAllAsync(_keys);
        Assert.False(PlainText.Holds(await DumpAsync(), Word));
    }

    /// <summary>So that the test above means something.</summary>
    [SkippableFact]
    public async Task What_is_not_encrypted_is_found_there()
    {
        await WriteAllAsync(null);
        Assert.True(PlainText.Holds(await DumpAsync(), Word));
    }

    [SkippableFact]
    public async Task All_of_it_is_there_again_after_the_database_was_closed_and_opened()
    {
        var id = await WriteAllAsync(_keys);
        await ReopenAsync();
        await RunAsync(_keys, async host =>
        {
            Assert.Equal($"[{Word} 1][{Word} 2]", await host.AskAsync(A, new GetNotes()));
            Assert.Equal($"[{Word} 1]", await host.AskAsync(A, new Note("never written"), new AskOptions { CommandId = id }));
            Assert.Equal(Word, Encoding.UTF8.GetString((await new EntityHistory(Journal, TypeOf(_keys), A.Key).ReadAttachmentAsync("letter"))!.Value.Span));
        });
        var raw = await Journal.ReadAttachmentAsync(A, "letter", None);
        Assert.True(EncryptedPayload.IsEncrypted(raw!.Value.Span));
    }

    [SkippableFact]
    public async Task What_was_forgotten_stays_in_the_journal_and_nobody_reads_it()
    {
        await WriteAllAsync(_keys);
        int before = (await ReadAsync(A, after: 0)).Events.Count;
        _keys.Forget(A);
        await ReopenAsync();
        await RunAsync(_keys, async host => await Assert.ThrowsAsync<EntityForgottenException>(() => host.AskAsync(A, new GetNotes())));
        Assert.Equal(before, (await ReadAsync(A, after: 0)).Events.Count);
        await Assert.ThrowsAsync<EntityForgottenException>(() => new EntityHistory(Journal, TypeOf(_keys), A.Key).StateAtAsync<string>(1));
    }

    private static EntityType TypeOf(IEntityKeyStore? keys) => EntityType.Create<Patient>("patient", PatientJson.Default, new EntityOptions { SnapshotEvery = 1, Keys = keys });

    /// <summary>Everything that an entity can store.</summary>
    /// <returns>The id of the first command.</returns>
    private async Task<CommandId> WriteAllAsync(IEntityKeyStore? keys)
    {
        var id = CommandId.New(DateTimeOffset.UtcNow, new Random(1));
        await RunAsync(keys, async host =>
        {
            await host.AskAsync(A, new Note($"{Word} 1"), new AskOptions { CommandId = id });
            await host.AskAsync(A, new Note($"{Word} 2"));
            await host.AskAsync(A, new NoteLater(Word, TimeSpan.FromDays(1)));
            await host.AskAsync(A, new Enclose("letter", Word));
            await Assert.ThrowsAsync<CommandRejectedException>(() => host.AskAsync(A, new RefuseWith(Word)));
            // A snapshot is saved beside the path of commands.
            for (long started = Stopwatch.GetTimestamp(); (await ReadAsync(A)).Snapshot is null; await Task.Yield()) Assert.True(Stopwatch.GetElapsedTime(started) < Patience);
        });
        return id;
    }

    private async Task RunAsync(IEntityKeyStore? keys, Func<EntityHost, Task> work)
    {
        await using var system = new ActorSystem();
        await using var host = await EntityHost.StartAsync(system, Store, Grid, [TypeOf(keys)]);
        await work(host);
    }
}

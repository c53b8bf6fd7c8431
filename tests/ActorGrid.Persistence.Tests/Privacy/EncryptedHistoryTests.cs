using System.Text;
using ActorGrid.Actors;
using ActorGrid.Conformance;

namespace ActorGrid.Persistence.Tests;

public sealed class EncryptedHistoryTests
{
    private readonly PatientRig _patients = new(new EntityOptions { SnapshotEvery = 2 });

    private EntityHistory History => new(_patients.Rig.Journal, _patients.Type, "a");

    [Fact]
    public async Task The_past_is_read_with_the_key_and_makes_none()
    {
        for (int i = 1; i <= 5; i++) _patients.Do(new Note($"{i}"));
        for (int n = 0; n <= 5; n++) Assert.Equal(string.Concat(Enumerable.Range(1, n).Select(i => $"[{i}]")), (await History.StateAtAsync<string>(n)).State);
        Assert.Equal("[1][2][3][4][5]", (await History.StateAtAsync<string>(DateTimeOffset.MaxValue)).State);

        var nobody = EntityId.Create("patient", "nobody");
        await new EntityHistory(_patients.Rig.Journal, _patients.Type, nobody.Key).StateAtAsync<string>(DateTimeOffset.MaxValue);
        Assert.Same(EntityKey.None, await _patients.Keys.FindAsync(nobody, default));
    }

    [Fact]
    public async Task An_attachment_is_read_with_the_key()
    {
        _patients.Do(new Enclose("letter", "Dear Ann"));
        Assert.Equal("Dear Ann", Encoding.UTF8.GetString((await History.ReadAttachmentAsync("letter"))!.Value.Span));
        Assert.Null(await History.ReadAttachmentAsync("other"));
        _patients.Keys.Lose(PatientRig.A);
        await Assert.ThrowsAsync<CodecException>(() => History.ReadAttachmentAsync("letter"));
    }

    [Fact]
    public async Task The_past_of_who_was_forgotten_is_no_damage()
    {
        _patients.Do(new Note("x"));
        _patients.Keys.Forget(PatientRig.A);
        await Assert.ThrowsAsync<EntityForgottenException>(() => History.StateAtAsync<string>(1));
        await Assert.ThrowsAsync<EntityForgottenException>(() => History.ReadAttachmentAsync("letter"));
        _patients.Keys.Lose(PatientRig.A);
        await Assert.ThrowsAsync<QuarantinedException>(() => History.StateAtAsync<string>(1));
    }

    [Fact]
    public async Task A_preflight_reads_what_is_encrypted_and_counts_the_forgotten_apart()
    {
        foreach (string key in new[] { "a", "b", "c" })
        {
            for (int i = 0; i < 3; i++) _patients.Rig.Do("patient", key, new Note("x"));
            _patients.Rig.Do("patient", key, new NoteLater("y", TimeSpan.FromDays(1)));
        }
        Assert.Equal((PreflightVerdict.Passed, 3L, 0L, 3L), await Preflight());
        _patients.Keys.Forget(EntityId.Create("patient", "b"));
        Assert.Equal((PreflightVerdict.Passed, 3L, 1L, 2L), await Preflight());
        Assert.Contains("1 forgotten", (await Run(_patients.Type)).ToString(), StringComparison.Ordinal);

        _patients.Keys.Lose(EntityId.Create("patient", "c"));
        var report = await Run(_patients.Type);
        Assert.Equal((PreflightVerdict.Failed, 1L), (report.Verdict, report.Types[0].QuarantinedEntities));
        Assert.Contains(report.Types[0].Findings, f => f.Kind == PreflightFindingKind.UnreadableReminder && f.Count == 1);
        report = await Run(PatientRig.TypeOf(null));
        Assert.Equal(3, report.Types[0].QuarantinedEntities);
        Assert.Contains("set Keys in its options", report.ToString(), StringComparison.Ordinal);
    }

    private Task<PreflightReport> Run(EntityType type) => JournalPreflight.RunAsync(_patients.Rig.Journal, [type]);

    private async Task<(PreflightVerdict Verdict, long Entities, long Forgotten, long Compared)> Preflight()
    {
        var report = await Run(_patients.Type);
        return (report.Verdict, report.Types[0].Entities, report.Types[0].ForgottenEntities, report.Types[0].SnapshotsCompared);
    }
}

using ActorGrid.Persistence;

namespace Sessions.Tests;

public sealed class LedgerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_appended_is_read_again_over_all_files()
    {
        LedgerRecord[] first = [View(1), Buy(2), new Acknowledged(2)], second = [View(3), new Dropped(3), new Acknowledged(1)];
        await WriteAsync(first);
        await WriteAsync(second);

        Assert.Equal([.. first, .. second], LedgerFiles.Read(_directory.Path));
    }

    [Fact]
    public async Task Appends_from_many_threads_are_all_there_once_they_are_done()
    {
        await using var writer = new LedgerWriter(_directory.Path);

        await Parallel.ForEachAsync(Enumerable.Range(1, 500), async (i, _) => await writer.AppendAsync(new Acknowledged(i)));

        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), LedgerFiles.Read(_directory.Path).Select(r => r.Number).Order());
    }

    [Fact]
    public async Task A_torn_end_is_dropped_wherever_it_is_cut()
    {
        await WriteAsync([View(1), Buy(2)]);
        string file = LedgerFiles.In(_directory.Path).Single();
        byte[] whole = await File.ReadAllBytesAsync(file);
        int firstLine = Array.IndexOf(whole, (byte)'\n') + 1;

        for (int length = firstLine; length < whole.Length - 1; length++)
        {
            await File.WriteAllBytesAsync(file, whole[..length]);
            Assert.Equal([View(1)], LedgerFiles.Read(_directory.Path));
        }
    }

    [Fact]
    public async Task A_file_after_a_torn_one_is_read()
    {
        await WriteAsync([View(1)]);
        await File.AppendAllTextAsync(LedgerFiles.In(_directory.Path).Single(), "plan 2 0198");
        await WriteAsync([new Acknowledged(1)]);

        Assert.Equal([View(1), new Acknowledged(1)], LedgerFiles.Read(_directory.Path));
    }

    [Fact]
    public async Task Any_altered_byte_before_the_last_record_is_noticed_and_named()
    {
        await WriteAsync([Buy(1), new Acknowledged(1)]);
        string file = LedgerFiles.In(_directory.Path).Single();
        byte[] whole = await File.ReadAllBytesAsync(file);
        int firstLine = Array.IndexOf(whole, (byte)'\n');

        for (int i = 0; i < firstLine; i++)
        {
            byte[] altered = [.. whole];
            altered[i] ^= 1;
            await File.WriteAllBytesAsync(file, altered);
            var e = Assert.Throws<LedgerDamagedException>(() => LedgerFiles.Read(_directory.Path).ToList());
            Assert.Contains($"{file}, line 1", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_ledger_that_contradicts_itself_is_damaged()
    {
        await WriteAsync([View(1), new Acknowledged(1), new Acknowledged(1)]);

        Assert.Throws<LedgerDamagedException>(() => Expectations.Read(_directory.Path));
    }

    [Fact]
    public async Task The_ledger_adds_up_to_what_each_session_has_to_hold()
    {
        await WriteAsync([View(1), Buy(2), View(3), new Dropped(3), new Acknowledged(2)]);

        var expected = Expectations.Read(_directory.Path);

        Assert.Equal((1, 1, 4), (expected.Acknowledged, expected.Dropped, expected.NextNumber));
        Assert.Equal([View(1)], expected.Undecided);
        var session = Assert.Single(expected.Sessions).Value;
        Assert.Equal((0, 1, 450, Fingerprint.OfPurchase(2, "tea", 450)), (session.Views, session.Purchases, session.Cents, session.Events));
    }

    private static Planned View(long number) => new(Id(number), "session-1", new PageView(number, "/cart"));

    private static Planned Buy(long number) => new(Id(number), "session-1", new Purchase(number, "tea", 450));

    private static CommandId Id(long number) => CommandId.New(DateTimeOffset.UnixEpoch.AddDays(number), new Random((int)number));

    private async Task WriteAsync(LedgerRecord[] records)
    {
        await using var writer = new LedgerWriter(_directory.Path);
        foreach (var record in records) await writer.AppendAsync(record);
    }
}

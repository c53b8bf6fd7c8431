namespace ActorGrid.Persistence.Tests;

public sealed class PendingAppendTests
{
    [Fact]
    public void A_decision_that_fails_halfway_leaves_no_trace()
    {
        var append = new PendingAppend();
        append.Add(Event(1, 10));
        var mark = append.MarkRows();
        append.Add(Event(2, 100));
        append.Add(new AttachmentChange(LedgerRig.A, "part", new byte[1000]));
        Assert.Throws<InvalidOperationException>(() => append.Add(Event(3, JournalLimits.PayloadBytesMax + 1)));

        append.BackTo(mark);

        Assert.Equal(1, append.Rows);
        Assert.Equal(10, append.Bytes);
    }

    private static JournalEvent Event(long sequence, int bytes) => new(LedgerRig.A, sequence, "added", 0, new byte[bytes]);
}

using ActorGrid.Cluster;

namespace ActorGrid.Conformance;

/// <summary>The view is exchanged by version, together with the revocations, or not at all.</summary>
public abstract class ViewConformance : ClusterStoreConformance
{
    [SkippableFact]
    public async Task Nobody_has_joined_a_new_grid() => AssertSame(ClusterView.Empty(Grid), await ReadAsync());

    [SkippableFact]
    public async Task What_was_written_is_read_over_any_connection()
    {
        var view = await HaveMembersAsync(A, B);
        AssertSame(view, await ReadAsync());
        AssertSame(view, await (await ConnectAsync()).ReadViewAsync(None));
        var next = await HaveMembersAsync(B);
        AssertSame(next, await ReadAsync());
    }

    [SkippableFact]
    public async Task A_long_history_is_read_as_it_was_written()
    {
        var view = await ReadAsync();
        for (int i = 0; i < 100; i++)
        {
            Guid[] members = [.. new[] { A, B, C }.Where((_, bit) => ((i >> bit) & 1) != 0)];
            // A shard without an owner keeps its term.
            view = members.Length == 0 ? Next(view, A) : Next(view, members);
            Assert.True(await WriteAsync(view));
        }
        AssertSame(view, await ReadAsync());
        AssertSame(view, await (await ConnectAsync()).ReadViewAsync(None));
    }

    [SkippableFact]
    public async Task A_view_that_is_not_the_next_one_changes_nothing()
    {
        await Store.OpenLeaseAsync(A, None);
        var first = Next(await ReadAsync(), A);
        var second = Next(first, A, B);
        Assert.False(await WriteAsync(second, new Revocation(A, null)));
        Assert.True(await WriteAsync(first));
        Assert.False(await WriteAsync(first, new Revocation(A, null)));
        AssertSame(first, await ReadAsync());
        Assert.False((await RowAsync(A)).IsRevoked);
    }

    [SkippableFact]
    public async Task Of_those_who_write_the_same_version_one_wins()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ConnectAsync()));
        for (int round = 0; round < 10; round++)
        {
            var view = await ReadAsync();
            Guid[] members = [.. Enumerable.Range(0, connections.Length).Select(i => new Guid(i + 1, (short)round, 0, new byte[8]))];
            var outcomes = await Task.WhenAll(connections.Select(
                (connection, i) => Task.Run(() => connection.WriteViewAsync(Next(view, members[i]), [], None)))).WaitAsync(Patience);
            int winner = Array.IndexOf(outcomes, true);
            Assert.Single(outcomes, won => won);
            AssertSame(Next(view, members[winner]), await ReadAsync());
        }
    }

    [SkippableFact]
    public async Task A_lease_is_revoked_with_the_view_if_its_number_is_the_expected_one()
    {
        var view = await HaveMembersAsync(B, A);
        await Store.OpenLeaseAsync(A, None);
        await Store.RenewLeaseAsync(A, [], None);
        var next = Revoking(Next(view, B), new RevokedLease(A, 1));
        Assert.False(await WriteAsync(next, new Revocation(A, 0)));
        AssertSame(view, await ReadAsync());
        Assert.False((await RowAsync(A)).IsRevoked);
        Assert.True(await WriteAsync(next, new Revocation(A, 1)));
        Assert.True((await RowAsync(A)).IsRevoked);
        AssertSame(next, await ReadAsync());
    }

    [SkippableFact]
    public async Task One_lease_with_another_number_holds_up_all_revocations()
    {
        var view = await HaveMembersAsync(C, A, B);
        await Store.OpenLeaseAsync(A, None);
        await Store.OpenLeaseAsync(B, None);
        await Store.RenewLeaseAsync(B, [], None);
        Assert.False(await WriteAsync(Next(view, C), new Revocation(A, 0), new Revocation(B, 0)));
        Assert.All(await Store.ReadLeasesAsync(None), row => Assert.False(row.IsRevoked));
    }

    [SkippableFact]
    public async Task A_lease_is_revoked_at_any_number_if_none_is_expected()
    {
        var view = await HaveMembersAsync(B, A);
        await Store.OpenLeaseAsync(A, None);
        for (int i = 0; i < 5; i++) await Store.RenewLeaseAsync(A, [], None);
        Assert.True(await WriteAsync(Revoking(Next(view, B), new RevokedLease(A, 2)), new Revocation(A, null)));
        Assert.Equal((5, true), ((await RowAsync(A)).Number, (await RowAsync(A)).IsRevoked));
    }

    [SkippableFact]
    public async Task A_lease_that_is_not_there_has_no_number_and_can_be_revoked_without_one()
    {
        var view = await ReadAsync();
        Assert.False(await WriteAsync(Next(view, B), new Revocation(A, 0)));
        Assert.True(await WriteAsync(Next(view, B), new Revocation(A, null)));
    }

    [SkippableFact]
    public async Task An_unsound_view_is_refused()
    {
        var view = await ReadAsync();
        var unsound = Revoking(Next(view, A), new RevokedLease(A, 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(unsound));
        AssertSame(view, await ReadAsync());
    }

    [SkippableFact]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing()
    {
        var view = await ReadAsync();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteViewAsync(Next(view, A), [], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.OpenLeaseAsync(A, cancelled));
        AssertSame(view, await ReadAsync());
        Assert.Empty(await Store.ReadLeasesAsync(None));
    }
}

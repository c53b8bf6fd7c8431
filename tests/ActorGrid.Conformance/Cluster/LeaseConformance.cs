using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

/// <summary>A lease is a number that its holder counts up, until it is revoked or ended, and which is present while the holder is connected.</summary>
public abstract class LeaseConformance : ClusterStoreConformance
{
    [SkippableFact]
    public async Task A_lease_is_counted_up_and_tells_the_version_of_the_view()
    {
        await Store.OpenLeaseAsync(A, None);
        Assert.Equal(new LeaseRenewal(1, 0, false), await Store.RenewLeaseAsync(A, [], None));
        await HaveMembersAsync(A);
        Assert.Equal(new LeaseRenewal(2, 1, false), await Store.RenewLeaseAsync(A, [B, C], None));
        var row = await RowAsync(A);
        Assert.Equal((2, false, false, true), (row.Number, row.IsRevoked, row.HasEnded, row.IsPresent));
        Assert.Equal([B, C], row.Suspects.ToArray());
        await Store.RenewLeaseAsync(A, [], None);
        Assert.Empty((await RowAsync(A)).Suspects);
    }

    [SkippableFact]
    public async Task A_lease_that_is_not_there_is_not_renewed()
    {
        Assert.True((await Store.RenewLeaseAsync(A, [], None)).IsRevoked);
        Assert.Empty(await Store.ReadLeasesAsync(None));
        await Store.EndLeaseAsync(A, None);
        Assert.Empty(await Store.ReadLeasesAsync(None));
    }

    [SkippableFact]
    public async Task Opening_a_lease_again_changes_nothing_of_it()
    {
        await Store.OpenLeaseAsync(A, None);
        await Store.RenewLeaseAsync(A, [B], None);
        await Store.OpenLeaseAsync(A, None);
        var row = await RowAsync(A);
        Assert.Equal(1, row.Number);
        Assert.Equal([B], row.Suspects.ToArray());
    }

    [SkippableFact]
    public async Task A_revoked_lease_is_not_renewed_and_stays_revoked_when_it_is_opened_again()
    {
        var view = await HaveMembersAsync(B, A);
        await Store.OpenLeaseAsync(A, None);
        await Store.RenewLeaseAsync(A, [], None);
        Assert.True(await WriteAsync(Revoking(Next(view, B), new RevokedLease(A, 1)), new Revocation(A, null)));
        Assert.Equal(new LeaseRenewal(1, 2, true), await Store.RenewLeaseAsync(A, [B], None));
        await Store.OpenLeaseAsync(A, None);
        Assert.Equal(new LeaseRenewal(1, 2, true), await Store.RenewLeaseAsync(A, [B], None));
        Assert.Empty((await RowAsync(A)).Suspects);
    }

    [SkippableFact]
    public async Task A_lease_that_has_ended_is_not_renewed()
    {
        await HaveMembersAsync(A);
        await Store.OpenLeaseAsync(A, None);
        await Store.RenewLeaseAsync(A, [], None);
        await Store.EndLeaseAsync(A, None);
        await Store.EndLeaseAsync(A, None);
        Assert.True((await Store.RenewLeaseAsync(A, [], None)).IsRevoked);
        var row = await RowAsync(A);
        Assert.Equal((1, false, true), (row.Number, row.IsRevoked, row.HasEnded));
    }

    [SkippableFact]
    public async Task Leases_come_in_the_order_of_their_incarnations()
    {
        Guid[] incarnations = [.. Enumerable.Range(0, 20).Select(i => new Guid(unchecked((int)(0x9E3779B9 * (uint)i)), (short)(i * 7919), 0, new byte[8]))];
        foreach (var incarnation in incarnations) await Store.OpenLeaseAsync(incarnation, None);
        Assert.Equal(incarnations.Order(), (await Store.ReadLeasesAsync(None)).Select(row => row.Incarnation));
    }

    [SkippableFact]
    public async Task A_lease_is_present_as_long_as_its_connection()
    {
        await HaveMembersAsync(A, B);
        var other = await ConnectAsync();
        await Store.OpenLeaseAsync(A, None);
        await other.OpenLeaseAsync(B, None);
        Assert.All(await Store.ReadLeasesAsync(None), row => Assert.True(row.IsPresent));
        await KillAsync(other);
        Assert.True((await RowAsync(A)).IsPresent);
        Assert.False((await RowAsync(B)).IsPresent);
    }

    [SkippableFact]
    public async Task Calls_over_a_connection_that_broke_fail()
    {
        var other = await ConnectAsync();
        await other.OpenLeaseAsync(B, None);
        await KillAsync(other);
        await Assert.ThrowsAsync<StoreException>(() => other.RenewLeaseAsync(B, [], None));
        await Assert.ThrowsAsync<StoreException>(() => other.ReadViewAsync(None));
    }

    [SkippableFact]
    public async Task A_holder_that_connects_again_is_present_again()
    {
        await HaveMembersAsync(A);
        var other = await ConnectAsync();
        await other.OpenLeaseAsync(A, None);
        await other.RenewLeaseAsync(A, [], None);
        await KillAsync(other);
        var again = await ConnectAsync();
        await again.OpenLeaseAsync(A, None);
        Assert.True((await RowAsync(A)).IsPresent);
        Assert.Equal(2, (await again.RenewLeaseAsync(A, [], None)).Number);
    }

    [SkippableFact]
    public async Task Leases_that_nobody_asks_about_any_more_are_forgotten()
    {
        var view = await HaveMembersAsync(C, A, B);
        foreach (var incarnation in (Guid[])[A, B, C]) await Store.OpenLeaseAsync(incarnation, None);
        Assert.True(await WriteAsync(view = Revoking(Next(view, C), new RevokedLease(B, 0)), new Revocation(A, null), new Revocation(B, null)));
        Assert.Equal([B, C], (await Store.ReadLeasesAsync(None)).Select(row => row.Incarnation));
        Assert.True(await WriteAsync(Revoking(Next(view, C))));
        Assert.Equal([C], (await Store.ReadLeasesAsync(None)).Select(row => row.Incarnation));
        Assert.True((await Store.RenewLeaseAsync(A, [], None)).IsRevoked);
    }

    [SkippableFact]
    public async Task A_lease_whose_holder_has_not_joined_yet_is_kept()
    {
        await Store.OpenLeaseAsync(A, None);
        await HaveMembersAsync(B);
        Assert.False((await Store.RenewLeaseAsync(A, [], None)).IsRevoked);
    }

    [SkippableFact]
    public async Task No_renewal_succeeds_once_the_lease_was_seen_revoked()
    {
        var other = await ConnectAsync();
        for (int round = 0; round < 10; round++)
        {
            var holder = new Guid(round + 1, 0, 0, new byte[8]);
            var view = Next(await ReadAsync(), B, holder);
            Assert.True(await WriteAsync(view));
            await other.OpenLeaseAsync(holder, None);
            var renewing = Task.Run(async () =>
            {
                var last = default(LeaseRenewal);
                while (await other.RenewLeaseAsync(holder, [], None) is { IsRevoked: false } renewal) last = renewal;
                return last;
            });
            while ((await RowAsync(holder)).Number < 3) await Task.Yield();
            Assert.True(await WriteAsync(Revoking(Next(view, B), new RevokedLease(holder, 3)), new Revocation(holder, null)));
            long number = (await RowAsync(holder)).Number;
            var last = await renewing.WaitAsync(Patience);
            Assert.Equal(number, last.Number);
            // Who renewed before the revocation was told the version before it.
            Assert.Equal(view.Version, last.ViewVersion);
            Assert.Equal(number, (await RowAsync(holder)).Number);
            Assert.True(await WriteAsync(Revoking(Next(await ReadAsync(), B))));
        }
    }
}

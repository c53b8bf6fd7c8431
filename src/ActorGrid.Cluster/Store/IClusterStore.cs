namespace ActorGrid.Cluster;

/// <summary>
/// Keeps the view and the leases, in the database that holds the journal. It is linearizable: a call that begins after another has ended sees what
/// that one did.
/// </summary>
/// <remarks>
/// <para>One object is the connection of one node: while it is connected, the store knows that the holder of its lease is there
/// (<see cref="LeaseRow.IsPresent"/>). Safe to use from any thread.</para>
/// <para>A call that throws <see cref="Persistence.StoreException"/> may have taken effect, or may take effect yet, unless its own text says otherwise.</para>
/// </remarks>
public interface IClusterStore
{
    /// <summary>The view as it is now; <see cref="ClusterView.Empty"/> before the first write.</summary>
    /// <exception cref="Persistence.StoreException">The store could not be read.</exception>
    Task<ClusterView> ReadViewAsync(CancellationToken cancellationToken);

    /// <summary>Exchanges the view for its successor and revokes leases, in one commit, or does nothing.</summary>
    /// <param name="next">The successor: its version is the present one plus 1.</param>
    /// <param name="revocations">The leases to revoke with it; each incarnation once.</param>
    /// <param name="cancellationToken">Ends the wait; the exchange may take place all the same.</param>
    /// <returns>False, and nothing was changed, if the view has another version or a lease another number than was expected; a lease that is not there has
    /// none.</returns>
    /// <remarks>Leases that were revoked or have ended are forgotten with the first write of a view that names their holders neither as members nor as
    /// revoked; those whose connection has gone may be.</remarks>
    /// <exception cref="InvalidOperationException">The successor is unsound (<see cref="ClusterView.Check"/>).</exception>
    /// <exception cref="Persistence.StoreException">
    /// Nothing is known of the outcome. Once any later write of the view has been seen, this one has taken effect or never will.
    /// </exception>
    Task<bool> WriteViewAsync(ClusterView next, IReadOnlyList<Revocation> revocations, CancellationToken cancellationToken);

    /// <summary>Makes the lease of an incarnation, with number 0, and ties it to this connection. Repeating it is harmless.</summary>
    /// <exception cref="Persistence.StoreException">The store could not be written.</exception>
    Task OpenLeaseAsync(Guid incarnation, CancellationToken cancellationToken);

    /// <summary>Renews a lease, unless it was revoked or there is none, and stores whom its holder does not hear.</summary>
    /// <param name="incarnation">The holder.</param>
    /// <param name="suspects">The incarnations of the members that the holder cannot reach both ways: its votes, which are as good as its lease.</param>
    /// <param name="cancellationToken">Ends the wait; the renewal may take place all the same.</param>
    /// <exception cref="Persistence.StoreException">The store could not be written.</exception>
    Task<LeaseRenewal> RenewLeaseAsync(Guid incarnation, IReadOnlyList<Guid> suspects, CancellationToken cancellationToken);

    /// <summary>All leases, in the order of their incarnations.</summary>
    /// <exception cref="Persistence.StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<LeaseRow>> ReadLeasesAsync(CancellationToken cancellationToken);

    /// <summary>Written by the holder when it has stopped, or has learned that its lease was revoked and has dropped all that it owned: nobody has to wait
    /// for the lease any more. Repeating it is harmless.</summary>
    /// <exception cref="Persistence.StoreException">The store could not be written.</exception>
    Task EndLeaseAsync(Guid incarnation, CancellationToken cancellationToken);
}

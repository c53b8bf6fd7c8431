using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;
using Xunit;

namespace SimulatedTests;

public sealed class FlightTests
{
    private static readonly SimulatedGridOptions Quiet = new() { Configure = Airline.Configure };

    /// <summary>Nine passengers race for three seats, while nodes die, sleep and are cut off, and the store fails now and then.</summary>
    [Fact]
    public void A_seat_is_sold_once_whatever_happens() => SimulatedGrid.RunSeeds(20, Quiet with { Faults = SimulationFaults.All }, async grid =>
    {
        string?[] buyers = await Task.WhenAll(Enumerable.Range(0, 9).Select(async i =>
        {
            var (seat, me) = (i % 3, $"passenger {i}");
            await grid.DelayAsync(TimeSpan.FromSeconds(grid.Random.Next(5)));
            bool holds = await InsistAsync(grid, new Hold(seat, me));
            return holds && await InsistAsync(grid, new Pay(seat, me)) ? me : null;
        }));
        await grid.CalmAsync();
        var seats = await grid.Entity<Flight>("AG 17").AskAsync(new GetSeats());
        Assert.Equal([0, 1, 2], seats.Select(seat => seat.Number).Order());
        Assert.Equal(buyers.OfType<string>(), seats.Select(seat => seat.Passenger).Order());
        Assert.All(seats, seat => Assert.True(seat.IsPaid));
    });

    /// <summary>The reminder is in the journal: it outlives all nodes. Two minutes pass in a moment.</summary>
    [Fact]
    public void A_seat_that_is_not_paid_is_free_again() => SimulatedGrid.RunSeeds(3, Quiet, async grid =>
    {
        var flight = grid.Entity<Flight>("AG 17");
        await flight.AskAsync(new Hold(1, "Ann"));
        foreach (var node in grid.Nodes) node.Kill();
        await grid.CalmAsync();
        Assert.Single(await flight.AskAsync(new GetSeats()));
        await grid.DelayAsync(Flight.TimeToPay);
        Assert.Empty(await flight.AskAsync(new GetSeats()));
    });

    /// <summary>Asks under one id until there is an answer: however often it is asked, the command takes effect once, or is rejected.</summary>
    private static async Task<bool> InsistAsync(SimulatedGrid grid, ICommand<Flight, Done> command)
    {
        var once = new AskOptions { CommandId = CommandId.New(grid.Time.GetUtcNow(), grid.Random) };
        while (true)
        {
            try
            {
                await grid.Entity<Flight>("AG 17").AskAsync(command, once);
                return true;
            }
            catch (CommandRejectedException)
            {
                return false;
            }
            catch (Exception e) when (e is AskTimeoutException or OwnershipLostException or StoreException)
            {
                await grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}

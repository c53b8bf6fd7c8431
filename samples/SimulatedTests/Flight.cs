using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace SimulatedTests;

/// <summary>Takes a seat for a passenger, who has two minutes to pay.</summary>
public sealed record Hold(int Seat, string Passenger) : ICommand<Flight, Done>;

/// <summary>Pays a seat that the passenger holds.</summary>
public sealed record Pay(int Seat, string Passenger) : ICommand<Flight, Done>;

/// <summary>What the flight reminds itself of: a seat that is not paid by now is free again.</summary>
public sealed record GiveUp(int Seat, string Passenger) : ICommand<Flight, Done>;

/// <summary>Asks for the seats that are taken.</summary>
public sealed record GetSeats : ICommand<Flight, Seat[]>;

/// <summary>A seat that is taken.</summary>
public sealed record Seat(int Number, string Passenger, bool IsPaid);

[JsonDerivedType(typeof(Held), "held"), JsonDerivedType(typeof(Paid), "paid"), JsonDerivedType(typeof(GivenUp), "given-up")]
public abstract record FlightEvent(int Seat);

public sealed record Held(int Seat, string Passenger) : FlightEvent(Seat);

public sealed record Paid(int Seat) : FlightEvent(Seat);

public sealed record GivenUp(int Seat) : FlightEvent(Seat);

/// <summary>A flight that sells its seats, each once.</summary>
public sealed class Flight : Entity<Flight, Seat[], FlightEvent>
{
    public static readonly TimeSpan TimeToPay = TimeSpan.FromMinutes(2);

    public Flight()
    {
        On<Hold, Done>("hold", (seats, c, _) => Find(seats, c.Seat) is { } seat
            ? Reject($"Seat {c.Seat} is {seat.Passenger}'s.")
            : Persist(new Held(c.Seat, c.Passenger)).ThenRemind($"pay-{c.Seat}", TimeToPay, new GiveUp(c.Seat, c.Passenger)).Reply());
        On<Pay, Done>("pay", (seats, c, _) => Find(seats, c.Seat)?.Passenger == c.Passenger
            ? Persist(new Paid(c.Seat)).ThenCancelReminder($"pay-{c.Seat}").Reply()
            : Reject($"Seat {c.Seat} is not {c.Passenger}'s."));
        On<GiveUp, Done>("give-up", (seats, c, _) => Find(seats, c.Seat) is { IsPaid: false } seat && seat.Passenger == c.Passenger
            ? Persist(new GivenUp(c.Seat)).Reply()
            : Answer(default(Done)));
        On<GetSeats, Seat[]>("get-seats", (seats, _, _) => Answer(seats));
    }

    public override Seat[] Initial => [];

    public override Seat[] Apply(Seat[] seats, FlightEvent e) => e switch
    {
        Held held => [.. seats, new Seat(held.Seat, held.Passenger, IsPaid: false)],
        Paid paid => [.. seats.Select(seat => seat.Number == paid.Seat ? seat with { IsPaid = true } : seat)],
        GivenUp free => [.. seats.Where(seat => seat.Number != free.Seat)],
        _ => throw Unknown(e),
    };

    private static Seat? Find(Seat[] seats, int number) => Array.Find(seats, seat => seat.Number == number);
}

[JsonSerializable(typeof(Hold)), JsonSerializable(typeof(Pay)), JsonSerializable(typeof(GiveUp)), JsonSerializable(typeof(GetSeats))]
[JsonSerializable(typeof(Seat[])), JsonSerializable(typeof(FlightEvent))]
public sealed partial class FlightJson : JsonSerializerContext;

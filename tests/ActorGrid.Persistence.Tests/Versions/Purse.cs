using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ActorGrid.Persistence.Tests;

public sealed record Put(long Cents) : ICommand<Purse, long>;

public sealed record GetCents : ICommand<Purse, long>;

// The first version had an amount in units, the second one had cents and no currency.
[JsonDerivedType(typeof(PutIn), "put-in@3")]
[JsonDerivedType(typeof(Emptied), "emptied")]
public abstract record PurseEvent;

public sealed record PutIn(long Cents, string Currency) : PurseEvent;

public sealed record Emptied : PurseEvent;

/// <summary>An entity whose event has had three versions, of which only the newest still has a type.</summary>
public sealed class Purse : Entity<Purse, long, PurseEvent>
{
    public Purse()
    {
        On<Put, long>("put", (_, c, _) => Persist(new PutIn(c.Cents, "EUR")).Reply(cents => cents));
        On<GetCents, long>("get-cents", (cents, _, _) => Answer(cents));
        Upcast("put-in", from: 1, json => new JsonObject { ["Cents"] = (long)(json["Amount"]!.GetValue<decimal>() * 100) });
        Upcast("put-in", from: 2, json =>
        {
            json["Currency"] = json["Cents"]!.GetValueKind() == System.Text.Json.JsonValueKind.Number && json["Cents"]!.GetValue<decimal>() < 0 ? "debt" : "EUR";
            return json;
        });
    }

    public override long Initial => 0;

    public override long Apply(long cents, PurseEvent e) => e switch
    {
        PutIn { Currency: "EUR" } put => cents + put.Cents,
        Emptied => 0,
        _ => throw Unknown(e),
    };
}

[JsonSerializable(typeof(Put)), JsonSerializable(typeof(GetCents)), JsonSerializable(typeof(PurseEvent)), JsonSerializable(typeof(long))]
public sealed partial class PurseJson : JsonSerializerContext;

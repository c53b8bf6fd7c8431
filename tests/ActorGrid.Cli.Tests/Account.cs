using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Cli.Tests;

public sealed record Deposit(int Amount) : ICommand<Account, int>;

[JsonDerivedType(typeof(Deposited), "deposited")]
[JsonDerivedType(typeof(Closed), "closed")]
public abstract record AccountEvent;

public sealed record Deposited(int Amount) : AccountEvent;

/// <summary>The state has no room for it: its <c>Apply</c> throws.</summary>
public sealed record Closed : AccountEvent;

public sealed class Account : Entity<Account, int, AccountEvent>
{
    public Account() => On<Deposit, int>("deposit", (_, c, _) => Persist(new Deposited(c.Amount)).Reply(s => s));

    public override int Initial => 0;

    public override int Apply(int state, AccountEvent e) => e is Deposited d ? state + d.Amount : throw Unknown(e);
}

[JsonSerializable(typeof(Deposit)), JsonSerializable(typeof(AccountEvent)), JsonSerializable(typeof(int))]
public sealed partial class AccountJson : JsonSerializerContext;

/// <summary>This assembly is the application that the command is given.</summary>
public static class Application
{
    public static void Configure(GridBuilder grid) => grid.UseSqlite("not-this-one.db").AddEntity<Account>("account", AccountJson.Default);
}

using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Tests;

public sealed record Deposit(decimal Amount) : ICommand<Account, decimal>;

public sealed record GetBalance : ICommand<Account, decimal>;

[JsonDerivedType(typeof(Deposited), "deposited")]
public abstract record AccountEvent;

public sealed record Deposited(decimal Amount) : AccountEvent;

public sealed class Account : Entity<Account, decimal, AccountEvent>
{
    public Account()
    {
        On<Deposit, decimal>("deposit", (balance, command, at) => command.Amount <= 0
            ? Reject("The amount must be positive.")
            : Persist(new Deposited(command.Amount)).Reply(after => after));
        On<GetBalance, decimal>("get-balance", (balance, command, at) => Answer(balance));
    }

    public override decimal Initial => 0m;

    public override decimal Apply(decimal balance, AccountEvent e) => e is Deposited deposited ? balance + deposited.Amount : throw Unknown(e);
}

[JsonSerializable(typeof(Deposit)), JsonSerializable(typeof(GetBalance))]
[JsonSerializable(typeof(AccountEvent)), JsonSerializable(typeof(decimal))]
public sealed partial class AccountJson : JsonSerializerContext;

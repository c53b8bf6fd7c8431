using System.Text.Json.Serialization;

namespace ActorGrid.Persistence.Tests;

public sealed record Deposit(decimal Amount) : ICommand<Account, decimal>;

public sealed record GetBalance : ICommand<Account, decimal>;

[JsonDerivedType(typeof(Deposited), "deposited")]
public abstract record AccountEvent;

public sealed record Deposited(decimal Amount) : AccountEvent;

public sealed class Account : Entity<Account, decimal, AccountEvent>
{
    public Account()
    {
        On<Deposit, decimal>("deposit", (balance, c, at) => c.Amount <= 0
            ? Reject("The amount must be positive.")
            : Persist(new Deposited(c.Amount)).ThenRemind("idle", TimeSpan.FromDays(30), new GetBalance()).Reply(b => b));
        On<GetBalance, decimal>("get-balance", (balance, _, _) => Answer(balance));
    }

    public override decimal Initial => 0m;

    public override decimal Apply(decimal balance, AccountEvent e) => e switch
    {
        Deposited d => balance + d.Amount,
        _ => throw Unknown(e),
    };
}

[JsonSerializable(typeof(Deposit)), JsonSerializable(typeof(GetBalance)), JsonSerializable(typeof(AccountEvent)), JsonSerializable(typeof(decimal))]
public sealed partial class AccountJson : JsonSerializerContext;

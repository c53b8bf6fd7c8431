using System.Text.Json.Serialization;

namespace ActorGrid.Persistence.Tests;

public sealed partial class RegistrationTests
{
    [Fact]
    public void A_complete_type_registers()
    {
        var type = EntityType.Create<Account>("account", AccountJson.Default);

        Assert.Equal("account", type.Name);
        Assert.Equal(100, type.Options.SnapshotEvery);
        Assert.Equal(TimeSpan.FromMinutes(2), type.Options.PassivateAfter);
    }

    [Fact]
    public void A_missing_line_is_named()
    {
        var e = Assert.Throws<EntityRegistrationException>(() => EntityType.Create<Account>("account", NoReplyJson.Default));

        Assert.Contains("[JsonSerializable(typeof(GetBalance))]", e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(NoReplyJson), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_without_names_are_refused() => Assert.Contains(
        "[JsonDerivedType(typeof(X), \"x\")]",
        Assert.Throws<EntityRegistrationException>(() => EntityType.Create<Nameless>("nameless", NamelessJson.Default)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Two_commands_of_one_name_are_refused() =>
        Assert.Contains("both", Assert.ThrowsAny<ArgumentException>(() => new Twice()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Account")]
    [InlineData("")]
    [InlineData("a b")]
    public void A_bad_type_name_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => EntityType.Create<Account>(name, AccountJson.Default));

    [Fact]
    public void Options_out_of_range_are_named() => Assert.Contains(
        nameof(EntityOptions.SnapshotEvery),
        Assert.Throws<ArgumentException>(() => EntityType.Create<Account>("account", AccountJson.Default, new EntityOptions { SnapshotEvery = 0 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Options_of_another_state_are_refused() => Assert.Contains(
        "EntityOptions<decimal>",
        Assert.Throws<EntityRegistrationException>(() => EntityType.Create<Account>("account", AccountJson.Default, new EntityOptions<int>())).Message,
        StringComparison.Ordinal);

    [JsonSerializable(typeof(Deposit)), JsonSerializable(typeof(AccountEvent))]
    private sealed partial class NoReplyJson : JsonSerializerContext;

    public sealed record Ping : ICommand<Nameless, Done>;

    public record Pinged;

    public sealed class Nameless : Entity<Nameless, int, Pinged>
    {
        public Nameless() => On<Ping, Done>("ping", (_, _, _) => Persist(new Pinged()).Reply());

        public override int Initial => 0;

        public override int Apply(int state, Pinged e) => state + 1;
    }

    [JsonSerializable(typeof(Ping)), JsonSerializable(typeof(Pinged)), JsonSerializable(typeof(int))]
    private sealed partial class NamelessJson : JsonSerializerContext;

    public sealed record First : ICommand<Twice, Done>;

    public sealed record Second : ICommand<Twice, Done>;

    public sealed class Twice : Entity<Twice, int, Pinged>
    {
        public Twice()
        {
            On<First, Done>("same", (_, _, _) => Answer(default(Done)));
            On<Second, Done>("same", (_, _, _) => Answer(default(Done)));
        }

        public override int Initial => 0;

        public override int Apply(int state, Pinged e) => state;
    }
}

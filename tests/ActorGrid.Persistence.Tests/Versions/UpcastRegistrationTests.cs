using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActorGrid.Actors;

namespace ActorGrid.Persistence.Tests;

public sealed partial class UpcastRegistrationTests
{
    private static readonly Func<JsonObject, JsonObject> Same = static json => json;

    [Fact]
    public void A_gap_is_named() =>
        Says<Gap>("Version 1 of the event 'noted' of 'note' cannot be read, but its newest version is 3: add Upcast(\"noted\", from: 1, json => ...) to the constructor of Gap");

    [Fact]
    public void A_step_of_an_unknown_event_is_named() => Says<UnknownName>("'note' has an upcaster of the event 'nobody' from version 1, but no event of that name");

    [Fact]
    public void A_step_beyond_the_newest_version_is_named() => Says<TooNew>("from version 3, but the newest version is 3: name the event type 'noted@4'");

    [Fact]
    public void A_version_with_a_type_needs_no_upcaster_and_may_have_none()
    {
        EntityType.Create<Typed>("note", Registry(Codec<Noted>("noted@3"), Codec<NotedOnce>("noted@2")));
        var e = Assert.Throws<EntityRegistrationException>(
            () => EntityType.Create<Complete>("note", Registry(Codec<Noted>("noted@3"), Codec<NotedOnce>("noted@2"))));
        Assert.Contains("a type with the name 'noted@2' as well: keep one of them.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noted@1")]
    [InlineData("noted@03")]
    [InlineData("noted@10000")]
    public void What_looks_like_a_version_and_is_none_is_refused(string name)
    {
        var e = Assert.Throws<EntityRegistrationException>(() => EntityType.Create<None>("note", Registry(Codec<Noted>(name))));
        Assert.Contains($"'{name}' is no version of 'noted'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noted@home")]
    [InlineData("@2")]
    [InlineData("noted@")]
    public void Other_names_with_a_mark_are_names(string name) => EntityType.Create<None>("note", Registry(Codec<Noted>(name)));

    [Fact]
    public void Two_steps_from_one_version_are_refused() =>
        Assert.Contains("two upcasters of 'noted' from version 1", Assert.ThrowsAny<ArgumentException>(() => new Twice()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_step_names_its_event_without_a_version() => Assert.ThrowsAny<ArgumentException>(() => new NameWithVersion());

    private static void Says<TEntity>(string words)
        where TEntity : Entity, new() => Assert.Contains(
        words,
        Assert.Throws<EntityRegistrationException>(() => EntityType.Create<TEntity>("note", Registry(Codec<Noted>("noted@3")))).Message,
        StringComparison.Ordinal);

    private static CodecRegistry Registry(params MessageCodec[] events) =>
        new([.. events, Codec<Write>("write"), new JsonMessageCodec<int>("int", NoteJson.Default.Int32)]);

    private static JsonMessageCodec<T> Codec<T>(string manifest)
        where T : notnull => new(manifest, (JsonTypeInfo<T>)NoteJson.Default.GetTypeInfo(typeof(T))!);

    public sealed record Write : ICommand<Gap, Done>, ICommand<UnknownName, Done>, ICommand<TooNew, Done>, ICommand<Typed, Done>, ICommand<Complete, Done>, ICommand<None, Done>,
        ICommand<Twice, Done>, ICommand<NameWithVersion, Done>;

    public abstract record NoteEvent;

    public sealed record Noted : NoteEvent;

    public sealed record NotedOnce : NoteEvent;

    public abstract class Note<TSelf> : Entity<TSelf, int, NoteEvent>
        where TSelf : Note<TSelf>
    {
        protected Note(params (string Name, int From)[] steps)
        {
            foreach (var (name, from) in steps) Upcast(name, from, Same);
        }

        public override int Initial => 0;

        public override int Apply(int state, NoteEvent e) => state + 1;
    }

    public sealed class Gap : Note<Gap>
    {
        public Gap()
            : base(("noted", 2)) => On<Write, Done>("write", (_, _, _) => Persist(new Noted()).Reply());
    }

    public sealed class UnknownName : Note<UnknownName>
    {
        public UnknownName()
            : base(("noted", 1), ("noted", 2), ("nobody", 1)) => On<Write, Done>("write", (_, _, _) => Persist(new Noted()).Reply());
    }

    public sealed class TooNew : Note<TooNew>
    {
        public TooNew()
            : base(("noted", 1), ("noted", 2), ("noted", 3)) => On<Write, Done>("write", (_, _, _) => Persist(new Noted()).Reply());
    }

    public sealed class Typed : Note<Typed>
    {
        public Typed()
            : base(("noted", 1)) => On<Write, Done>("write", (_, _, _) => Persist(new Noted()).Reply());
    }

    public sealed class Complete : Note<Complete>
    {
        public Complete()
            : base(("noted", 1), ("noted", 2)) => On<Write, Done>("write", (_, _, _) => Persist(new Noted()).Reply());
    }

    public sealed class None : Note<None>
    {
        public None() => On<Write, Done>("write", (_, _, _) => Persist(new Noted()).Reply());
    }

    public sealed class Twice : Note<Twice>
    {
        public Twice()
            : base(("noted", 1), ("noted", 1))
        {
        }
    }

    public sealed class NameWithVersion : Note<NameWithVersion>
    {
        public NameWithVersion()
            : base(("noted@2", 1))
        {
        }
    }

    [JsonSerializable(typeof(Noted)), JsonSerializable(typeof(NotedOnce)), JsonSerializable(typeof(Write)), JsonSerializable(typeof(int))]
    private sealed partial class NoteJson : JsonSerializerContext;
}

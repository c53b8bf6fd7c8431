namespace ActorGrid.Persistence.Tests;

public sealed class UpcastingTests
{
    private static readonly EntityId P = EntityId.Create("purse", "p");

    private readonly Rig _rig = new([EntityType.Create<Purse>("purse", PurseJson.Default)]);

    [Fact]
    public void Events_of_all_versions_are_read_and_new_ones_written_in_the_newest()
    {
        Write(("put-in", """{"Amount":1.50}"""), ("put-in@2", """{"Cents":25}"""), ("put-in@3", """{"Cents":5,"Currency":"EUR"}"""));

        Assert.Equal(180, _rig.Do("purse", "p", new GetCents()));
        Assert.Equal(190, _rig.Do("purse", "p", new Put(10)));

        Assert.Equal(["put-in", "put-in@2", "put-in@3", "put-in@3"], _rig.History("purse", "p").Select(e => e.Manifest));
        _rig.Restart();
        Assert.Equal(190, _rig.Do("purse", "p", new GetCents()));
    }

    [Fact]
    public void An_event_of_a_version_newer_than_the_code_quarantines_its_entity_alone()
    {
        Write(("put-in@3", """{"Cents":5,"Currency":"EUR"}"""), ("put-in@4", "{}"));

        var e = _rig.Failure<QuarantinedException>(_rig.Ask("purse", "p", new GetCents()));

        Assert.Equal(2, e.Sequence);
        Assert.Contains("'put-in' of 'purse' was written in version 4, and is known here up to version 3", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, _rig.Do("purse", "another", new GetCents()));
        Assert.Equal(2, _rig.History("purse", "p").Count);
    }

    [Theory]
    [InlineData("put-in", "{}", "The upcaster of 'put-in' from version 1 threw")]
    [InlineData("put-in", "[]", "no JSON object")]
    [InlineData("put-in@2", "{", "not JSON")]
    [InlineData("put-in@2", """{"Cents":"many"}""", "The payload of 'put-in@3' is not the JSON of")]
    public void What_cannot_be_upcast_is_said(string manifest, string payload, string words)
    {
        Write((manifest, payload));

        var e = _rig.Failure<QuarantinedException>(_rig.Ask("purse", "p", new GetCents()));

        Assert.Equal(1, e.Sequence);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    // As if earlier lives had written it: the one that runs knows nothing of it, the next one begins with it.
    private void Write(params (string, string)[] events)
    {
        _rig.Journal.Append(_rig.Grid, P, events);
        _rig.Restart();
    }
}

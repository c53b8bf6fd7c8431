namespace ActorGrid.Actors;

/// <summary>One after another, and in each round as often as the weight says.</summary>
internal sealed class WeightedRouter<TMessage>(int[] weights) : RoundRobinRouter<TMessage>
{
    /// <summary>The turns of one round: those of each routee at even distances.</summary>
    protected override Routee<TMessage>[] Arrange(Routee<TMessage>[] routees) =>
    [
        .. from routee in routees
           let weight = routee.Slot < weights.Length ? weights[routee.Slot] : 1
           from turn in Enumerable.Range(0, weight)
           orderby (turn + 0.5) / weight, routee.Slot
           select routee,
    ];
}

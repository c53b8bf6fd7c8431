using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>What the actor systems of this process count, on one meter. An instrument that nobody listens to costs a check.</summary>
internal static class ActorMeter
{
    private static readonly Meter Meter = new("ActorGrid");
    private static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>("actorgrid.actor.dead_letters", "{message}", "Messages that reached no one, by reason.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("actorgrid.actor.failures", "{failure}", "Failures of actors, by what their parent decided.");
    private static readonly Counter<long> CallCycles = Meter.CreateCounter<long>("actorgrid.actor.call_cycles", "{cycle}", "Asks that failed since they closed a circle.");

    /// <summary>Makes the instruments known to listeners, who else would not see them before something is counted for the first time.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(ActorMeter).TypeHandle);

    public static void OnDeadLetter(DeadLetterReason reason) =>
        DeadLetters.Add(1, new KeyValuePair<string, object?>("actorgrid.actor.reason", reason == DeadLetterReason.Stopped ? "stopped" : "mailbox_full"));

    public static void OnFailed(Directive directive) => Failures.Add(1, new KeyValuePair<string, object?>("actorgrid.actor.directive", NameOf(directive)));

    public static void OnCallCycle() => CallCycles.Add(1);

    private static string NameOf(Directive directive) => directive switch
    {
        Directive.Resume => "resume",
        Directive.Restart => "restart",
        Directive.Stop => "stop",
        _ => "escalate",
    };
}

namespace ActorGrid.Actors;

/// <summary>What an actor does about its failed children: the shell around <see cref="SupervisionStrategy"/>.</summary>
internal abstract partial class ActorCell
{
    internal void DecideFor(ActorCell child, Exception failure)
    {
        if (child.HasStopped) return;
        SupervisionStrategy strategy;
        SupervisionDecision decision;
        try
        {
            strategy = Strategy;
            decision = strategy.Decide(failure, child.Extras.History, System.Time.GetUtcNow(), System.Random);
        }
        catch (Exception e)
        {
            System.OnHookFailed(this, "Supervision", e);
            strategy = SupervisionStrategy.Stopping;
            decision = new SupervisionDecision(Directive.Stop, TimeSpan.Zero, child.Extras.History);
        }

        child.Extras.History = decision.History;
        System.OnChildFailed(child, failure, decision);
        switch (decision.Directive)
        {
            case Directive.Resume:
                child.Send(new ResumeSignal());
                break;
            case Directive.Restart:
                foreach (ActorCell one in Affected(strategy, child)) RestartAfter(decision.Delay, one, failure, onlyIfFailed: one == child);
                break;
            case Directive.Stop:
                foreach (ActorCell one in Affected(strategy, child)) one.Send(new StopSignal());
                break;
            case Directive.Escalate when Parent is null:
                child.Send(new StopSignal());
                break;
            default:
                (Extras.Escalated ??= []).Add(child);
                Fail(failure);
                break;
        }
    }

    private ActorCell[] Affected(SupervisionStrategy strategy, ActorCell failed) =>
        strategy.Scope == SupervisionScope.AllForOne ? [.. Extras.Children!.All().Where(child => child._extras?.Group == failed._extras?.Group)] : [failed];

    private void RestartAfter(TimeSpan delay, ActorCell child, Exception failure, bool onlyIfFailed)
    {
        var restart = new RestartSignal(failure, onlyIfFailed);
        if (delay <= TimeSpan.Zero) child.Send(restart);
        else System.Deadlines.Add(new Backoff(child, restart), delay);
    }

    /// <summary>The pause before a failed actor is restarted. Its mailbox keeps what arrives.</summary>
    private sealed class Backoff(ActorCell child, RestartSignal restart) : IDeadline
    {
        public bool IsDone => child.HasStopped;

        public void Expire() => child.Send(restart);
    }
}

using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors;

/// <summary>The typed part of a cell: the instance, and how mail reaches it.</summary>
internal sealed partial class ActorCell<TMessage> : ActorCell
{
    private readonly Func<Actor<TMessage>> _factory;
    private readonly ActorRef<TMessage> _self;
    private Actor<TMessage>? _actor;

    public ActorCell(ActorSystem system, ActorCell? parent, Func<Actor<TMessage>> factory, string? name, SpawnOptions? options, long id)
        : base(system, parent, name, options?.Dispatcher ?? system.Dispatcher, id)
    {
        _factory = factory;
        if (options is null)
        {
            _self = new LocalRef<TMessage>(this);
            return;
        }

        Extras.StashCapacity = options.StashCapacity;
        Extras.Group = options.Group;
        if (SpawnOptions.LevelOf<TMessage>(options) is { } levelOf) Extras.Lanes = new MailLanes<TMessage>(this, options.Levels, levelOf);
        if (options.MailboxCapacity is not null || options.IsCounted)
        {
            // A bound that is never reached counts.
            var bound = new MailboxBound(options.MailboxCapacity ?? int.MaxValue, options.Overflow);
            Extras.Bound = bound;
            _self = new BoundedRef<TMessage>(this, bound);
        }
        else
        {
            _self = new LocalRef<TMessage>(this);
        }
    }

    public ActorRef<TMessage> Self => _self;

    public override ActorRef Ref => _self;

    protected override bool HasInstance => _actor is not null;

    protected override Type? Class => _actor?.Class;

    protected override SupervisionStrategy Strategy => _actor?.CurrentSupervision ?? SupervisionStrategy.Restarting;

    /// <summary>Sends to itself what may not be refused for want of room.</summary>
    public void TellSelf(TMessage message)
    {
        _extras?.Bound?.Force();
        var envelope = new Envelope<TMessage>(message);
        if (!Post(envelope)) System.DeadLetters.Add(envelope, this, DeadLetterReason.Stopped);
    }

    public void Pipe<TResult>(Task<TResult> task, Func<TResult, TMessage> onSuccess, Func<Exception, TMessage> onFailure)
    {
        // What was asked before may be behind that task.
        ForgetAsked();
        _ = PipeAsync(task, onSuccess, onFailure);
    }

    private async Task PipeAsync<TResult>(Task<TResult> task, Func<TResult, TMessage> onSuccess, Func<Exception, TMessage> onFailure)
    {
        try
        {
            TMessage message;
            try
            {
                message = onSuccess(await task);
            }
            catch (Exception e)
            {
                message = onFailure(e);
            }

            TellSelf(message);
        }
        catch (Exception e)
        {
            // The mapping of the failure failed: that is the actor's own failure.
            FailBeside(e);
        }
    }

    public ILogger Logger => System.LoggerFor(_actor!.Class);

    protected override void HandleMail(ref int budget)
    {
        Actor<TMessage> actor = _actor!;
        MailboxBound? bound = _extras?.Bound;
        Mail? mail = _batch ?? TakeMail();
        _phase = CellPhase.Handling;
        try
        {
            while (mail is not null)
            {
                TMessage message;
                if (mail.GetType() == typeof(ControlMail))
                {
                    if (!Unsafe.As<ControlMail>(mail).Control.TryTake(this, out object? content))
                    {
                        mail = Advance(mail);
                        if (HasUrgent) break;
                        mail ??= TakeMail();
                        continue;
                    }

                    message = (TMessage)content!;
                }
                else
                {
                    // All other mail in the box of an ActorCell<TMessage> was put there by its typed reference.
                    message = Unsafe.As<Envelope<TMessage>>(mail).Message;
                    bound?.Leave();
                }

                ValueTask handling = actor.Handle(message);
                if (!handling.IsCompletedSuccessfully)
                {
                    Await(handling);
                    return;
                }

                handling.TakeOutcome();
                mail = Advance(mail);
                if (--budget == 0 || HasUrgent) break;
                mail ??= TakeMail();
            }

            _phase = CellPhase.Running;
        }
        catch (Exception e)
        {
            _phase = CellPhase.Running;
            EndMail(e);
            Fail(e);
        }
    }

    protected override void CreateInstance()
    {
        Actor<TMessage> actor = _factory() ?? throw new InvalidOperationException($"The factory of actor {Path} returned null.");
        actor.Attach(this);
        _actor = actor;
    }

    protected override void DropInstance() => _actor = null;

    protected override ValueTask InvokeStart() => _actor!.Start();

    protected override ValueTask InvokeStop() => _actor!.Stop();

    protected override ValueTask InvokeRestart(Exception reason) => _actor!.Restart(reason);

    private Mail? Advance(Mail mail)
    {
        Mail? next = mail.Next;
        _batch = next;
        // A handled mail that has grown old must not keep its young successors alive.
        mail.Next = null;
        return next;
    }
}

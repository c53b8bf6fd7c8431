using ActorGrid.Persistence;

namespace Sessions;

/// <summary>
/// The session of one user: it takes in page views and purchases, keeps a running summary, and expires when nothing was heard of the user
/// for a while. Heard of again, it begins a new visit.
/// </summary>
/// <remarks>
/// To add a command:
/// <list type="number">
/// <item>Declare it in Messages.cs, as a record that is an <c>ICommand&lt;Session, TheReply&gt;</c>.</item>
/// <item>Declare what happens by it, as a record that is a <see cref="SessionEvent"/>, and name it there with <c>[JsonDerivedType]</c>. A
/// command that only asks has no event.</item>
/// <item>Add <c>[JsonSerializable]</c> to <see cref="SessionJson"/> for the command, and for its reply if that is a new type.</item>
/// <item>Give the command a handler in the constructor below, under a name that stays.</item>
/// <item>Give the event a case in <see cref="Apply"/>, and what it changes a place in <see cref="Summary"/>.</item>
/// <item>Test it in SessionTests: handlers and <see cref="Apply"/> are pure, so <c>new Session().Decide(...)</c> needs nothing else. A test
/// there also tells what steps 2 and 3 forgot.</item>
/// </list>
/// Derive the command from <see cref="Activity"/> only if the load generator sends it: then <see cref="Traffic"/> has to make it,
/// <see cref="Planned"/> to write it and <see cref="LedgerRecord.Parse"/> to read it, and the proof to know it: in
/// <see cref="Fingerprint"/>, which <see cref="Apply"/> adds to the state, in <see cref="ExpectedSession"/>, and in
/// <see cref="Verdict"/> if it changes a total.
/// </remarks>
public sealed class Session : Entity<Session, Summary, SessionEvent>
{
    public static readonly TimeSpan Inactivity = TimeSpan.FromMinutes(30);

    private const int TextLengthMax = 200;

    public Session()
    {
        On<PageView, Done>("page-view", (session, c, at) => c.Path.Length is > 0 and <= TextLengthMax
            ? Record(session, new PageViewed(at.Now, c.Number, c.Path))
            : Reject($"The path must have 1 to {TextLengthMax} characters."));

        On<Purchase, Done>("purchase", (session, c, at) => c switch
        {
            { Cents: <= 0 } => Reject("The amount must be positive."),
            { Sku.Length: 0 or > TextLengthMax } => Reject($"The SKU must have 1 to {TextLengthMax} characters."),
            _ => Record(session, new Purchased(at.Now, c.Number, c.Sku, c.Cents)),
        });

        On<GetSummary, Summary>("get-summary", (session, _, _) => Answer(session));

        // Set once a visit and not with each event, the reminder finds out here whether there was activity meanwhile; if so, it is set for
        // the rest of the time.
        On<Expire, Done>("expire", (session, _, at) =>
            !session.Active ? Answer(default(Done))
            : session.LastSeen + Inactivity > at.Now ? Persist([]).ThenRemind("expire", session.LastSeen + Inactivity, new Expire()).Reply()
            : Persist(new Expired(at.Now)).Reply());
    }

    public override Summary Initial => Summary.Empty;

    public override Summary Apply(Summary session, SessionEvent e) => e switch
    {
        PageViewed v => Seen(session, v.At) with
        {
            Views = session.Views + 1,
            TopPages = PageCount.Add(session.TopPages, v.Path),
            Events = session.Events + Fingerprint.OfPageView(v.Number, v.Path),
        },
        Purchased p => Seen(session, p.At) with
        {
            Purchases = session.Purchases + 1,
            Cents = session.Cents + p.Cents,
            Events = session.Events + Fingerprint.OfPurchase(p.Number, p.Sku, p.Cents),
        },
        Expired => session with { Active = false },
        _ => throw Unknown(e),
    };

    private static Effect<Session, Done> Record(Summary session, SessionEvent e) =>
        session.Active ? Persist(e).Reply() : Persist(e).ThenRemind("expire", Inactivity, new Expire()).Reply();

    private static Summary Seen(Summary session, DateTimeOffset at) => session with
    {
        Active = true,
        Visits = session.Active ? session.Visits : session.Visits + 1,
        FirstSeen = session.Visits == 0 ? at : session.FirstSeen,
        LastSeen = at > session.LastSeen ? at : session.LastSeen,
    };
}

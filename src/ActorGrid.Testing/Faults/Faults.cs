namespace ActorGrid.Testing;

/// <summary>What a <see cref="FaultyStore"/> does with an append.</summary>
public enum AppendFault
{
    /// <summary>Nothing: the append goes through.</summary>
    None,

    /// <summary>Writes nothing and says so: the outcomes are <c>Refused</c>, by a transient error.</summary>
    Refuse,

    /// <summary>Writes nothing and says so, by an error that does not pass by itself, as from a full disk.</summary>
    RefuseForGood,

    /// <summary>Writes nothing, but the outcomes are <c>Unknown</c>.</summary>
    LoseAppend,

    /// <summary>Commits, but the outcomes are <c>Unknown</c>.</summary>
    LoseAnswer,

    /// <summary>
    /// The outcomes are <c>Unknown</c> at once; the commit is tried later: after the next read of the journal or just before the next raise of
    /// fences, whichever comes first. So a writer that looks without having raised its fence is misled.
    /// </summary>
    CommitLate,

    /// <summary>Holds the call back until <see cref="FaultyStore.ReleaseNext"/>, and only then commits and answers.</summary>
    HoldCommit,

    /// <summary>Commits, and holds the answer back until <see cref="FaultyStore.ReleaseNext"/>.</summary>
    HoldAnswer,
}

/// <summary>What a <see cref="FaultyStore"/> does with a call other than an append.</summary>
public enum CallFault
{
    /// <summary>Nothing: the call goes through.</summary>
    None,

    /// <summary>Does nothing and throws a transient <see cref="Persistence.StoreException"/>.</summary>
    Fail,

    /// <summary>Does what was asked, then throws a transient <see cref="Persistence.StoreException"/>.</summary>
    LoseAnswer,

    /// <summary>Holds the call back until <see cref="FaultyStore.ReleaseNext"/>.</summary>
    Hold,
}

/// <summary>The calls of a store that are not appends.</summary>
public enum StoreCall
{
    /// <summary>Opening the store.</summary>
    Open,

    /// <summary>Raising fences.</summary>
    RaiseFences,

    /// <summary>Reading anything.</summary>
    Read,

    /// <summary>Forgetting replies.</summary>
    ForgetReplies,

    /// <summary>Saving snapshots.</summary>
    SaveSnapshots,

    /// <summary>Moving the cursors of subscriptions.</summary>
    MoveCursors,

    /// <summary>Removing events below snapshots.</summary>
    RemoveEvents,
}

using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>What the jobs of nodes say to each other. A job's node gives work, others take it; each piece has a number that the giver
/// chose.</summary>
/// <remarks>Messages may be lost when a link closes. Both sides say again and again what they have (<see cref="WorkReport"/>), and what one
/// has and the other does not know of is sent again or let go.</remarks>
internal abstract record JobMessage;

/// <summary>Giver: I have work of these types for whoever has room.</summary>
internal sealed record WorkOffered(IReadOnlyList<string> Types) : JobMessage;

/// <summary>Taker: I keep room for so many pieces, of these types; with no room: I am here, tell me if you have work.</summary>
internal sealed record WorkPulled(int Room, IReadOnlyList<string> Types) : JobMessage;

/// <summary>Giver: there is no work for so many of the places that you keep. Another offer comes when there is.</summary>
internal sealed record WorkExhausted(int Room) : JobMessage;

/// <summary>Giver: do this.</summary>
/// <param name="Number">Its number; they grow.</param>
/// <param name="Job">The job.</param>
/// <param name="Step">The number of the part, or one of <see cref="JobStep"/>.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="Start">The number of the start, by which the job's entity knows this run.</param>
/// <param name="Parts">How many parts the job has.</param>
/// <param name="Part">The part, encoded; null: it is to be read from the store.</param>
internal sealed record WorkGiven(long Number, EntityId Job, int Step, int Attempt, int Start, int Parts, ReadOnlyMemory<byte>? Part) : JobMessage;

/// <summary>Giver: what I give next belongs under this span. Sent before it, and only if somebody follows the job: a message of its own, which a node of an older version passes by.</summary>
/// <param name="Number">The number of that piece of work.</param>
/// <param name="Span">The span, as W3C Trace Context identifies it.</param>
internal sealed record WorkTraced(long Number, ActivityContext Span) : JobMessage;

/// <summary>Giver: it is not wanted any more.</summary>
internal sealed record WorkCancelled(long Number) : JobMessage;

/// <summary>Giver: I know how it ended; forget it.</summary>
internal sealed record WorkSettled(long Number) : JobMessage;

/// <summary>Giver: send what it brought from there on.</summary>
internal sealed record ResultWanted(long Number, int Offset) : JobMessage;

/// <summary>Taker: it went well. So many bytes are the outcome: all of them, or none if they are too many for a message.</summary>
internal sealed record ResultReady(long Number, int Length, ReadOnlyMemory<byte> Whole) : JobMessage;

/// <summary>Taker: a piece of the outcome.</summary>
internal sealed record ResultPiece(long Number, int Offset, ReadOnlyMemory<byte> Bytes) : JobMessage;

/// <summary>Taker: it failed.</summary>
internal sealed record WorkFailed(long Number, string Cause, bool IsPermanent) : JobMessage;

/// <summary>Taker: it was not done, for no fault of its own.</summary>
/// <param name="Number">Its number.</param>
/// <param name="IsRefused">Whether this node cannot do any work of this job.</param>
/// <param name="Why">Why.</param>
internal sealed record WorkReturned(long Number, bool IsRefused, string Why) : JobMessage;

/// <summary>Taker: the work of yours that I have, ended or not, and how many units it has reported.</summary>
/// <param name="Last">The highest number that has arrived.</param>
/// <param name="Works">Number and units of each.</param>
internal sealed record WorkReport(long Last, IReadOnlyList<(long Number, long Units)> Works) : JobMessage;

/// <summary>Somebody here wants to hear of a job; said again every few seconds.</summary>
/// <param name="Job">The job.</param>
internal sealed record JobFollowed(EntityId Job) : JobMessage;

/// <summary>How far a job is.</summary>
/// <param name="Job">The job.</param>
/// <param name="Progress">Null: it is not in hand here, look for it elsewhere.</param>
internal sealed record JobNoticed(EntityId Job, JobProgress? Progress) : JobMessage;

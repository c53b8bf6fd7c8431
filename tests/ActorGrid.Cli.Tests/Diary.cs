using System.Text;
using System.Text.Json.Serialization;
using ActorGrid.Jobs;
using ActorGrid.Persistence;

namespace ActorGrid.Cli.Tests;

public sealed record Note(string Text) : ICommand<Diary, Done>;

public sealed record NoteLater(string Text, TimeSpan Delay) : ICommand<Diary, Done>;

public sealed record StayAwake : ICommand<Diary, Done>;

public sealed record Read : ICommand<Diary, string>;

[JsonDerivedType(typeof(Noted), "noted")]
public abstract record DiaryEvent;

public sealed record Noted(string Text) : DiaryEvent;

/// <summary>With reminders, attachments and refusals; encrypted where it is registered so.</summary>
public sealed class Diary : Entity<Diary, string, DiaryEvent>
{
    public Diary()
    {
        On<Note, Done>("note", (_, c, _) => c.Text.Length == 0 ? Reject("empty") : Persist(new Noted(c.Text)).ThenAttach("last", Encoding.UTF8.GetBytes(c.Text)).Reply());
        On<NoteLater, Done>("note-later", (_, c, _) => Persist().ThenRemind("later", c.Delay, new Note(c.Text)).Reply());
        On<StayAwake, Done>("stay-awake", (_, _, _) => Persist().ThenStayActive().Reply());
        On<Read, string>("read", (text, _, _) => Answer(text));
    }

    public override string Initial => "";

    public override string Apply(string state, DiaryEvent e) => e is Noted noted ? $"{state}[{noted.Text}]" : throw Unknown(e);
}

/// <summary>Adds up the numbers up to a bound, each in a part of its own; parts and result are attachments of the job's entity.</summary>
public sealed record Add(int UpTo) : Job<int, int, int>
{
    private static int _runs;

    /// <summary>How many parts have been run in this process.</summary>
    public static int Runs => Volatile.Read(ref _runs);

    public override ValueTask<IReadOnlyList<int>> SplitAsync(CancellationToken cancellationToken) => new([.. Enumerable.Range(1, UpTo)]);

    public override ValueTask<int> RunAsync(int part, JobContext context)
    {
        Interlocked.Increment(ref _runs);
        return new(part);
    }

    public override int Combine(int left, int right) => left + right;

    public override int Result(int total) => total;
}

[JsonSerializable(typeof(Add)), JsonSerializable(typeof(int))]
public sealed partial class AddJson : JsonSerializerContext;

[JsonSerializable(typeof(Note)), JsonSerializable(typeof(NoteLater)), JsonSerializable(typeof(StayAwake)), JsonSerializable(typeof(Read)), JsonSerializable(typeof(DiaryEvent)), JsonSerializable(typeof(string))]
public sealed partial class DiaryJson : JsonSerializerContext;

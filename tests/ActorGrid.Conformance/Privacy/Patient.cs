using System.Text;
using System.Text.Json.Serialization;
using ActorGrid.Persistence;

namespace ActorGrid.Conformance;

public sealed record Note(string Text) : ICommand<Patient, string>;

public sealed record NoteLater(string Text, TimeSpan Delay) : ICommand<Patient, Done>;

public sealed record Enclose(string Name, string Text) : ICommand<Patient, Done>;

public sealed record FailWith(string Text) : ICommand<Patient, Done>;

public sealed record RefuseWith(string Text) : ICommand<Patient, Done>;

public sealed record KeepWatch : ICommand<Patient, Done>;

public sealed record GetNotes : ICommand<Patient, string>;

[JsonDerivedType(typeof(Noted), "noted")]
public abstract record PatientEvent;

public sealed record Noted(string Text) : PatientEvent;

/// <summary>Somebody whose words must not be found in a store: they come by in events, states, replies, reminders and attachments.</summary>
public sealed class Patient : Entity<Patient, string, PatientEvent>
{
    public Patient()
    {
        On<Note, string>("note", (_, c, _) => Persist(new Noted(c.Text)).Reply(notes => notes));
        On<NoteLater, Done>("note-later", (_, c, _) => Persist().ThenRemind("later", c.Delay, new Note(c.Text)).Reply());
        On<Enclose, Done>("enclose", (_, c, _) => Persist().ThenAttach(c.Name, Encoding.UTF8.GetBytes(c.Text)).Reply());
        On<FailWith, Done>("fail", (_, c, _) => throw new InvalidOperationException(c.Text));
        On<RefuseWith, Done>("refuse", (_, c, _) => Reject(c.Text));
        On<KeepWatch, Done>("keep-watch", (_, _, _) => Persist().ThenStayActive().Reply());
        On<GetNotes, string>("get-notes", (notes, _, _) => Answer(notes));
    }

    public override string Initial => "";

    public override string Apply(string state, PatientEvent e) => e is Noted noted ? $"{state}[{noted.Text}]" : throw Unknown(e);
}

[JsonSerializable(typeof(Note)), JsonSerializable(typeof(NoteLater)), JsonSerializable(typeof(Enclose)), JsonSerializable(typeof(FailWith))]
[JsonSerializable(typeof(RefuseWith)), JsonSerializable(typeof(KeepWatch)), JsonSerializable(typeof(GetNotes)), JsonSerializable(typeof(PatientEvent)), JsonSerializable(typeof(string))]
public sealed partial class PatientJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace ActorGrid.Jobs;

/// <summary>How the journal and the wire hold what belongs to jobs.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(JobState))]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(SubmitJob))]
[JsonSerializable(typeof(GetJob))]
[JsonSerializable(typeof(CancelJob))]
[JsonSerializable(typeof(StartStep))]
[JsonSerializable(typeof(ReturnStep))]
[JsonSerializable(typeof(FinishSplit))]
[JsonSerializable(typeof(FinishPart))]
[JsonSerializable(typeof(FailStep))]
[JsonSerializable(typeof(CompleteJob))]
[JsonSerializable(typeof(TidyJob))]
[JsonSerializable(typeof(ExpireJob))]
[JsonSerializable(typeof(JobReply))]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class JobJson : JsonSerializerContext;

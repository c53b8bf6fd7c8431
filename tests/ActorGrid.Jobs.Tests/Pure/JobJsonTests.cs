using System.Text.Json;

namespace ActorGrid.Jobs.Tests.Pure;

public sealed class JobJsonTests
{
    [Theory]
    [InlineData(JobStatus.Splitting)]
    [InlineData(JobStatus.Failed)]
    public void A_reply_is_read_as_it_was_written(JobStatus status)
    {
        var reply = new JobReply(new JobInfo { Id = "i", Type = "t", Status = status });
        string json = JsonSerializer.Serialize(reply, JobJson.Default.JobReply);
        Assert.Equal(reply, JsonSerializer.Deserialize(json, JobJson.Default.JobReply));
    }

    [Fact]
    public void A_reply_without_a_job_is_read_as_it_was_written()
    {
        string json = JsonSerializer.Serialize(new JobReply(null), JobJson.Default.JobReply);
        Assert.Equal(new JobReply(null), JsonSerializer.Deserialize(json, JobJson.Default.JobReply));
    }
}

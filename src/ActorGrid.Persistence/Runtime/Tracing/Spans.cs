using System.Diagnostics;

namespace ActorGrid.Persistence;

/// <summary>Starts and ends spans. A span of an entity lives over many turns of many threads, so none becomes the current one of the thread that starts it. Samplers, listeners and processors are
/// code of others that runs on the turn of a shard: what they throw costs the span, and is counted.</summary>
/// <remarks>Names and attributes follow the conventions of OpenTelemetry for RPC, https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/.</remarks>
internal static class Spans
{
    /// <summary>The one source of all spans.</summary>
    public static readonly ActivitySource Source = new(NodeMeter.Name);

    /// <summary>Whether somebody wants spans.</summary>
    public static bool AreWanted => Source.HasListeners();

    /// <summary>Whether others can refer to it: only spans that are identified as W3C Trace Context has it can travel.</summary>
    public static bool IsIdentified(ActivityContext span) => span.TraceId != default && span.SpanId != default;

    /// <summary>Starts a span; null if nobody wants it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Which side it is.</param>
    /// <param name="parent">The span that it belongs under; none: of a client's, the current one of the thread, if there is one; any other begins a trace.</param>
    public static Activity? Start(string name, ActivityKind kind, ActivityContext parent = default)
    {
        var flow = ExecutionContext.Capture();
        var outer = Activity.Current;
        try
        {
            if (kind != ActivityKind.Client) Activity.Current = null;
            return Source.StartActivity(name, kind, parent);
        }
        catch (Exception)
        {
            NodeMeter.OnSpanLost();
            return null;
        }
        finally
        {
            Restore(flow, outer);
        }
    }

    /// <summary>Starts the span of a call, on the side of who asks or of who answers.</summary>
    /// <param name="method">The entity type and the name of the command.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="kind">Which side it is.</param>
    /// <param name="parent">As of <see cref="Start"/>.</param>
    public static Activity? StartCall(string method, EntityId entity, ActivityKind kind, ActivityContext parent = default)
    {
        var span = Start(method, kind, parent);
        if (span is { IsAllDataRequested: true })
            span.SetTag("rpc.system.name", "actorgrid").SetTag("rpc.method", method).SetTag("actorgrid.entity", entity.ToString());
        return span;
    }

    /// <summary>Ends a span.</summary>
    /// <param name="span">The span.</param>
    /// <param name="errorType">What kind of error it ended with; null: none.</param>
    /// <param name="error">What the error says.</param>
    public static void End(Activity span, string? errorType = null, string? error = null)
    {
        if (errorType is not null) span.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error, error);
        var flow = ExecutionContext.Capture();
        var outer = Activity.Current;
        try
        {
            span.Dispose();
        }
        catch (Exception)
        {
            NodeMeter.OnSpanLost();
        }
        finally
        {
            Restore(flow, outer);
        }
    }

    /// <summary>Makes a span the current one for what a call begins, and for what goes on from there.</summary>
    /// <param name="span">The span.</param>
    /// <param name="call">The call.</param>
    public static T Within<T>(Activity span, Func<T> call)
    {
        var flow = ExecutionContext.Capture();
        var outer = Activity.Current;
        try
        {
            Activity.Current = span;
            return call();
        }
        finally
        {
            Restore(flow, outer);
        }
    }

    /// <summary>As a whole: the current span cannot be set back to one that has ended, and a loop that a request left behind would hang each span under the one before.</summary>
    private static void Restore(ExecutionContext? flow, Activity? outer)
    {
        if (flow is not null) ExecutionContext.Restore(flow);
        else Activity.Current = outer is { IsStopped: true } ? null : outer;
    }
}

namespace Spillway.Net.Flows;

/// <summary>Receives the life cycle of flows. Given as a type parameter, so that the calls are direct.</summary>
public interface IFlowHandler
{
    /// <summary>A flow has begun; called before its first packet is counted.</summary>
    void OnFlowStart(Flow flow);

    /// <summary>
    /// A flow lasts: time for an interim report (<see cref="FlowTableOptions.UpdateInterval"/>). Called after its packet was counted.
    /// </summary>
    void OnFlowUpdate(Flow flow);

    /// <summary>
    /// A flow has ended (closed, timed out, end of input or evicted). Its streams have ended before. The object is not used again for this
    /// flow, and may become another one (<see cref="FlowTableOptions.ReusesFlows"/>).
    /// </summary>
    void OnFlowEnd(Flow flow);
}

using Spillway.Net.Storage;

namespace Spillway.Net.Flows;

/// <summary>What few flows have, out of the way of the million that do not.</summary>
internal sealed class FlowExtras
{
    public object? MeterLabels;
    public FlowStorage? Storage;
    public FlowAttribute? Attributes;
}

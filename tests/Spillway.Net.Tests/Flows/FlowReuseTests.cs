using System.Reflection;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

/// <summary>Objects of ended flows serve again, and nothing of the old flow is left in the new one.</summary>
public class FlowReuseTests
{
    private static readonly FlowKey Key = KeyOf(1);

    private static readonly FlowTableOptions Options = FlowTableOptions.Default with { MaxFlows = 1, ReusesFlows = true };

    private static FieldInfo[] Fields => typeof(Flow).GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);

    [Fact]
    public void Begin_OfAFlowThatWasAnother_LeavesNothingOfIt()
    {
        var flow = new Flow(KeyOf(7), 7, 7);
        foreach (FieldInfo field in Fields)
            field.SetValue(flow, OtherThan(field));

        flow.Begin(in Key, 3, 5);

        var fresh = new Flow(in Key, 3, 5);
        Assert.All(Fields, field => Assert.Equal(field.GetValue(fresh), field.GetValue(flow)));
    }

    [Fact]
    public void Table_FlowsThatNothingKnows_TakesTheirObjectsAgain()
    {
        var table = new FlowTable<Handler>(Options, new Handler(gives: false));
        Flow first = Add(table, 1);

        Flow second = Add(table, 2);

        Assert.Same(first, second);
        Assert.Equal(KeyOf(2), second.Key);
        Assert.Equal(2, second.Number);
        Assert.Same(second, table.Find(KeyOf(2)));
        Assert.Null(table.Find(KeyOf(1)));
    }

    [Fact]
    public void Table_FlowThatHadAConsumer_LeavesItsObjectAlone()
    {
        var table = new FlowTable<Handler>(Options, new Handler(gives: true));
        Flow first = Add(table, 1);

        Flow second = Add(table, 2);

        Assert.NotSame(first, second);
        Assert.Equal(KeyOf(1), first.Key);
    }

    private static Flow Add(FlowTable<Handler> table, byte number)
    {
        var info = new PacketInfo
        {
            Kind = PacketKind.Ip,
            Key = KeyOf(number),
            Protocol = 6,
            FromA = true,
            TcpFlags = TcpFlags.Syn,
            TimestampNs = number,
        };
        return table.GetOrAdd(ref info, out _);
    }

    private static FlowKey KeyOf(byte number) =>
        FlowKey.CreateAsGiven(0x0A000000u + number, 40_000, 0x0A000101, 80, protocol: 6, version: 4);

    // Any value that is not what a new flow has.
    private static object? OtherThan(FieldInfo field)
    {
        Type type = field.FieldType;
        if (!type.IsValueType)
            return type == typeof(object) ? new object() : System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        object value = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        if (type.IsEnum)
            return Enum.ToObject(type, 0x55);
        if (type.IsPrimitive)
            return Convert.ChangeType(0x55, type, System.Globalization.CultureInfo.InvariantCulture);
        foreach (FieldInfo part in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            part.SetValue(value, OtherThan(part));
        return value;
    }

    private readonly struct Handler(bool gives) : IFlowHandler
    {
        public void OnFlowStart(Flow flow)
        {
            if (!gives)
                return;
            flow.Consumer = new object();
            flow.Consumer = null;
        }

        public void OnFlowUpdate(Flow flow) { }

        public void OnFlowEnd(Flow flow) { }
    }
}

using Spillway.Net.Flows;

namespace Spillway.Scripting.Imports;

/// <summary>Meters of a flow, by the numbers that scripts use (script API, section 4.1.3).</summary>
public enum FlowMeter
{
    /// <summary>Bytes from A to Z.</summary>
    BytesAZ = 0,

    /// <summary>Bytes from Z to A.</summary>
    BytesZA = 1,

    /// <summary>Packets from A to Z.</summary>
    PacketsAZ = 2,

    /// <summary>Packets from Z to A.</summary>
    PacketsZA = 3,

    /// <summary>Payload bytes from A to Z.</summary>
    PayloadAZ = 4,

    /// <summary>Payload bytes from Z to A.</summary>
    PayloadZA = 5,

    /// <summary>Time of the TCP handshake, microseconds.</summary>
    SetupRtt = 6,

    /// <summary>Retransmitted segments.</summary>
    Retransmissions = 7,
}

/// <summary>Reads and adds to flows by meter.</summary>
internal static class FlowMeters
{
    /// <summary>Number of meters.</summary>
    public const int Count = 8;

    /// <summary>A meter's value.</summary>
    public static long Read(Flow flow, FlowMeter meter) =>
        meter switch
        {
            FlowMeter.BytesAZ => flow.BytesAZ,
            FlowMeter.BytesZA => flow.BytesZA,
            FlowMeter.PacketsAZ => flow.PacketsAZ,
            FlowMeter.PacketsZA => flow.PacketsZA,
            FlowMeter.PayloadAZ => flow.PayloadAZ,
            FlowMeter.PayloadZA => flow.PayloadZA,
            FlowMeter.SetupRtt => flow.SetupRttMicroseconds,
            FlowMeter.Retransmissions => flow.Retransmissions,
            _ => 0,
        };

    /// <summary>Adds to a meter. Values that are no whole number are rounded; a sum stays within 0 and what its field holds.</summary>
    /// <returns>False for an unknown meter, and for a value that is not finite.</returns>
    public static bool Add(Flow flow, int meter, double value)
    {
        if (!double.IsFinite(value))
            return false;
        switch ((FlowMeter)meter)
        {
            case FlowMeter.BytesAZ:
                flow.BytesAZ = Sum(flow.BytesAZ, value);
                break;
            case FlowMeter.BytesZA:
                flow.BytesZA = Sum(flow.BytesZA, value);
                break;
            case FlowMeter.PacketsAZ:
                flow.PacketsAZ = Sum(flow.PacketsAZ, value);
                break;
            case FlowMeter.PacketsZA:
                flow.PacketsZA = Sum(flow.PacketsZA, value);
                break;
            case FlowMeter.PayloadAZ:
                flow.PayloadAZ = Sum(flow.PayloadAZ, value);
                break;
            case FlowMeter.PayloadZA:
                flow.PayloadZA = Sum(flow.PayloadZA, value);
                break;
            case FlowMeter.SetupRtt:
                flow.SetupRttMicroseconds = Clamped(flow.SetupRttMicroseconds, value);
                break;
            case FlowMeter.Retransmissions:
                flow.Retransmissions = Clamped(flow.Retransmissions, value);
                break;
            default:
                return false;
        }

        return true;
    }

    private static long Sum(long old, double value) => (long)Math.Clamp(Math.Round(old + value), 0, 1L << 62);

    private static int Clamped(int old, double value) => (int)Math.Clamp(Math.Round(old + value), 0, int.MaxValue);
}

using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Services;

/// <summary>
/// Names services by the first bytes of their messages: two tables, and a walk through one of them for each of the first messages of a
/// flow that nobody has recognised. Any thread.
/// </summary>
public static class ServiceTable
{
    private static readonly ServiceSignature[] Datagrams =
    [
        new(FlowApplications.Quic, "", 7, ServiceChecks.IsQuicLong),
        new(FlowApplications.Quic, "", 14, ServiceChecks.IsOldQuic),
        new(FlowApplications.Ntp, "", 12, ServiceChecks.IsNtp, port: 123),
        new(FlowApplications.Snmp, "30", 12, ServiceChecks.IsSnmp),
        new(FlowApplications.Kerberos, "", 12, ServiceChecks.IsKerberos),
        new(FlowApplications.Sip, "", 16, ServiceChecks.IsSip),
    ];

    private static readonly ServiceSignature[] Streams =
    [
        new(FlowApplications.Smb, "00 .. .. .. ff 53 4d 42", 36),
        new(FlowApplications.Smb, "00 .. .. .. fe 53 4d 42", 68),
        new(FlowApplications.Rdp, "03 00 .. .. .. e0 00 00", 11, ServiceChecks.IsRdpRequest),
        new(FlowApplications.Rdp, "03 00 00 13 0e d0 00 00", 19, ServiceChecks.IsRdpAnswer),
        new(FlowApplications.Kerberos, "00 00 .. .. .. ..", 16, data => ServiceChecks.IsKerberos(data[4..])),
        new(FlowApplications.Mqtt, "10", 10, ServiceChecks.IsMqttConnect),
        new(FlowApplications.Sip, "", 16, ServiceChecks.IsSip),
    ];

    /// <summary>The service of a datagram; none if it is none of these.</summary>
    public static FlowApplications OfDatagram(Flow flow, ReadOnlySpan<byte> data) => Find(Datagrams, flow, data);

    /// <summary>The service of a stream, by the first bytes of one direction; none if it is none of these.</summary>
    public static FlowApplications OfStream(Flow flow, ReadOnlySpan<byte> data) => Find(Streams, flow, data);

    private static FlowApplications Find(ServiceSignature[] table, Flow flow, ReadOnlySpan<byte> data)
    {
        ulong head = ServiceSignature.HeadOf(data);
        foreach (ServiceSignature signature in table)
        {
            if (signature.Matches(head, data, flow))
                return signature.Application;
        }

        return FlowApplications.None;
    }
}

using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Services;

namespace Spillway.Net.Tests.Services;

public sealed class ServiceTableTests
{
    private static readonly string Community =
        "30 26 02 01 01 04 06 7075626C6963 A0 19 02 04 00000001 02 01 00 02 01 00 30 0B 30 09 06 05 2B06010201 05 00";
    private static readonly string AsRequest = "6A 81 90 30 81 8D A1 03 02 01 05 A2 03 02 01 0A A4 00 00 00";

    public static TheoryData<FlowApplications, string, ushort> Datagrams =>
        new()
        {
            { FlowApplications.Quic, "C3 00000001 08 0102030405060708 00 00 449E", 443 },
            { FlowApplications.Quic, "D3 6B3343CF 08 0102030405060708 00 00 449E", 9999 },
            { FlowApplications.Quic, "C3 FF00001D 08 0102030405060708 00 00", 443 },
            { FlowApplications.Quic, "C3 51303530 50 0102030405060708", 443 }, // Q050
            { FlowApplications.Quic, "0D 0102030405060708 51303433 01", 443 }, // Q043
            { FlowApplications.None, "C3 00000001 15 0102030405060708", 443 }, // an id of 21 bytes
            { FlowApplications.None, "43 00000001 08 0102030405060708", 443 }, // a short header tells nothing
            { FlowApplications.None, "C3 00000003 08 0102030405060708", 443 },
            { FlowApplications.Ntp, "23 02 06 E9" + new string('0', 88), 123 },
            { FlowApplications.Ntp, "16 02 0001 0000 0000 0000 0000", 123 },
            { FlowApplications.None, "23 02 06 E9" + new string('0', 88), 124 },
            { FlowApplications.None, "23 02 06 E9" + new string('0', 40), 123 },
            { FlowApplications.Snmp, Community, 161 },
            { FlowApplications.Snmp, "30 3E 02 01 03 30 11 02 04 00000001 02 03 00FFE3 04 01 04", 4000 },
            { FlowApplications.None, Community.Replace("02 01 01", "02 01 07", StringComparison.Ordinal), 161 },
            { FlowApplications.Kerberos, AsRequest, 88 },
            { FlowApplications.None, AsRequest.Replace("02 01 05", "02 01 04", StringComparison.Ordinal), 88 },
            { FlowApplications.Sip, Text("INVITE sip:a@example.org SIP/2.0\r\nVia: x\r\n"), 5060 },
            { FlowApplications.Sip, Text("SIP/2.0 200 OK\r\nVia: x\r\n"), 5061 },
            { FlowApplications.None, Text("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"), 1900 },
        };

    public static TheoryData<FlowApplications, string> Streams =>
        new()
        {
            { FlowApplications.Smb, "00000085 FF534D42 72" + new string('0', 80) },
            { FlowApplications.Smb, "000000AA FE534D42 4000" + new string('0', 160) },
            { FlowApplications.None, "000000AA 00534D42 4000" + new string('0', 160) },
            { FlowApplications.Rdp, "03000013 0E E0 0000 0000 00 01 00 0800 00000000" },
            { FlowApplications.Rdp, "0300002A 25 E0 0000 0000 00" + Text("Cookie: mstshash=someone1\r\n") + "0000000000" },
            { FlowApplications.Rdp, "03000013 0E D0 0000 1234 00 02 01 0800 00000000" },
            { FlowApplications.None, "03000016 11 E0 0000 0001 00 C0 01 0A C1 02 0100 C2 02 0102" }, // the same layers carry S7
            { FlowApplications.Kerberos, "00000093" + AsRequest },
            { FlowApplications.Mqtt, "10 25 0004 4D515454 05 C2 003C 00" },
            { FlowApplications.Mqtt, "10 8F 01 0006 4D5149736470 03 02 003C" },
            { FlowApplications.None, "10 25 0004 4D515458 05 C2 003C 00" },
            { FlowApplications.Sip, Text("REGISTER sips:example.org SIP/2.0\r\n") },
            { FlowApplications.None, Text("GET / HTTP/1.1\r\nHost: a\r\n\r\n") },
        };

    [Theory]
    [MemberData(nameof(Datagrams))]
    public void OfDatagram_KnowsServicesByTheirMessages(FlowApplications expected, string message, ushort port) =>
        Assert.Equal(expected, ServiceTable.OfDatagram(FlowTo(port, 17), Bytes(message)));

    [Theory]
    [MemberData(nameof(Streams))]
    public void OfStream_KnowsServicesByTheirFirstBytes(FlowApplications expected, string message) =>
        Assert.Equal(expected, ServiceTable.OfStream(FlowTo(4000, 6), Bytes(message)));

    [Fact]
    public void MessagesCutAnywhere_AreReadWithoutFault()
    {
        IEnumerable<string> messages = Datagrams.Select(row => row.Data.Item2).Concat(Streams.Select(row => row.Data.Item2));
        foreach (byte[] message in messages.Select(Bytes))
        {
            for (int length = 0; length < message.Length; length++)
            {
                // In memory of its own: a read beyond would be one beyond the array.
                _ = ServiceTable.OfDatagram(FlowTo(123, 17), message.AsSpan(0, length).ToArray());
                _ = ServiceTable.OfStream(FlowTo(123, 6), message.AsSpan(0, length).ToArray());
            }
        }
    }

    private static Flow FlowTo(ushort port, byte protocol)
    {
        FlowKey key = FlowKey.Create(0x0A010203, 49152, 0x0A010204, port, protocol, 4, out _);
        return new Flow(in key, 1, 0);
    }

    private static string Text(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}

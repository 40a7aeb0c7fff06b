using System.Globalization;
using System.Text;
using Spillway.Async;
using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Net.Capture;
using Spillway.Net.Files;
using Spillway.Net.Packets;
using Spillway.Pipeline;
using Spillway.Scripting;

namespace Spillway.Benchmarks;

/// <summary>
/// What a TCP flow costs in the program's own lane while it is open, by how far its connection has come: live bytes of the managed heap,
/// without what counting traffic adds behind the lanes. Each kind has a lane of its own.
/// </summary>
internal static class FlowMemory
{
    private const uint ClientIsn = 1,
        ServerIsn = 1000;

    private static readonly byte[] UnknownBytes = new byte[10];
    private static readonly byte[] Request = Encoding.ASCII.GetBytes(
        "GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: benchmark\r\n\r\n"
    );
    private static readonly byte[] Response = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
    );

    public static void Print(int flows)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{flows:N0} flows at a time{"", -20}bytes a flow"));
        Print("SYN (a scan)", flows, Syn);
        Print("handshake", flows, Syn, SynAck, Ack);
        Print("10 bytes of an unknown protocol", flows, Syn, SynAck, static client => FromClient(client, UnknownBytes));
        Print("HTTP, request sent", flows, Syn, SynAck, static client => FromClient(client, Request));
        Print(
            "HTTP, kept alive after a response",
            flows,
            Syn,
            SynAck,
            static client => FromClient(client, Request),
            static client => FromServer(client, Response)
        );
        Print(
            "TLS, first byte of application data",
            flows,
            Syn,
            SynAck,
            static client => FromClient(client, TlsHello()),
            static client => FromServer(client, TlsEnd()),
            TlsData
        );
    }

    private static void Print(string name, int flows, params Func<int, byte[]>[] steps)
    {
        using var runtime = new AsyncRuntime(new AsyncOptions());
        using TaskPort taskPort = runtime.CreateLane("benchmark");
        using RamDirectory ram = RamDirectory.Open();
        var metrics = new MetricShard(new GroupRegistry(), new MetricOptions(), lane: 0, new DiscardingSink());
        var content = new ContentSink(ram, new ContentFileOptions(), metrics, extractsAll: false, _ => { });
        using var lane = new PacketPath(new LaneOptions { Resources = ResourceKinds.All }, metrics, taskPort, content);
        lane.Attach(ScriptHost.Empty(lane.ScriptContext));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long now = 1_700_000_040_000_000_000;
        foreach (Func<int, byte[]> step in steps)
        {
            for (int client = 0; client < flows; client++)
            {
                byte[] frame = step(client);
                lane.Process(new CapturedPacket(frame, now += 20_000, frame.Length, LinkType.Ethernet));
            }
        }

        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        if (lane.Flows.Active != flows)
            throw new InvalidOperationException($"{lane.Flows.Active} flows are open");
        Console.WriteLine($"{name, -40}{bytes / flows, 12}");
        lane.EndFlows();
    }

    private static byte[] Syn(int client) => Traffic.Segment(client, ClientIsn, TcpFlags.Syn, 0);

    private static byte[] SynAck(int client) => Traffic.Answer(client, ServerIsn, ClientIsn + 1, TcpFlags.Syn | TcpFlags.Ack, default);

    private static byte[] Ack(int client) => Traffic.Segment(client, ClientIsn + 1, TcpFlags.Ack, default, ServerIsn + 1);

    private static byte[] FromClient(int client, ReadOnlySpan<byte> payload) =>
        Traffic.Segment(client, ClientIsn + 1, TcpFlags.Ack, payload, ServerIsn + 1);

    private static byte[] FromServer(int client, ReadOnlySpan<byte> payload) =>
        Traffic.Answer(client, ServerIsn + 1, ClientIsn + 1, TcpFlags.Ack, payload);

    // A client hello without extensions; a server's hello, its end of clear records and one encrypted one; the client's.
    private static byte[] TlsHello()
    {
        byte[] record = new byte[5 + 4 + 41];
        new byte[] { 22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3 }.CopyTo(record, 0);
        new byte[] { 0, 2, 0xC0, 0x2F, 1, 0 }.CopyTo(record, 5 + 4 + 34);
        return record;
    }

    private static byte[] TlsEnd()
    {
        byte[] records = new byte[5 + 4 + 38 + 6 + 40];
        new byte[] { 22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3 }.CopyTo(records, 0);
        new byte[] { 0, 0xC0, 0x2F, 0 }.CopyTo(records, 5 + 4 + 34);
        new byte[] { 20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 35 }.CopyTo(records, 47);
        return records;
    }

    private static byte[] TlsData(int client)
    {
        byte[] records = new byte[6 + 40 + 30];
        new byte[] { 20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 35 }.CopyTo(records, 0);
        new byte[] { 23, 3, 3, 0, 25 }.CopyTo(records, 46);
        uint sequence = ClientIsn + 1 + (uint)TlsHello().Length;
        return Traffic.Segment(client, sequence, TcpFlags.Ack, records, ServerIsn + 1 + (uint)TlsEnd().Length);
    }
}

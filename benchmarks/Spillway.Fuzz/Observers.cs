using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dhcp;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Services;
using Spillway.Net.Protocols.Tls;

namespace Spillway.Fuzz;

internal sealed class HttpTarget()
    : StreamTarget(80, "GET /a HTTP/1.1\nHost: a.example\n\n<HTTP/1.1 200 OK\n<Content-Length: 4\n<Content-Type: text/plain\n<\n<ab")
{
    private HttpConnection<Receiver>? _connection;

    protected override void Begin(Flow flow) => _connection = new(flow, new Receiver(Trace), new HttpObserver());

    protected override void Data(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
        _connection!.OnData(direction, offset, acknowledged, data);

    protected override void Gap(StreamDirection direction, long length) => _connection!.OnGap(direction, length);

    protected override void End(StreamDirection direction) => _connection!.OnEnd(direction);

    protected override void Close() => _connection!.Close();
}

internal sealed class TlsTarget() : StreamTarget(443)
{
    private readonly TlsObserver _observer = new();
    private TlsConnection<Receiver>? _connection;

    // The handshakes of the tests are in the repository.
    public override IEnumerable<byte[]> SeedsFrom(Seeds inputs)
    {
        foreach (string file in Directory.EnumerateFiles("tests/Spillway.Net.Tests/Tls/Captured", "*.txt"))
        {
            List<byte> pieces = [];
            foreach (string line in File.ReadLines(file).Where(line => !line.StartsWith('#')))
                Append(pieces, line[0] == 'C', Convert.FromBase64String(line[2..]));
            yield return [.. pieces];
        }

        foreach (byte[] seed in base.SeedsFrom(inputs))
            yield return seed;
    }

    protected override long HeldBytes => _observer.BufferedBytes;

    protected override void Begin(Flow flow) => _connection = new(flow, new Receiver(Trace), _observer);

    protected override void Data(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data) =>
        _connection!.OnData(direction, data);

    protected override void Gap(StreamDirection direction, long length) => _connection!.OnGap(direction, length);

    protected override void End(StreamDirection direction) => _connection!.OnEnd(direction);

    protected override void Close() => _connection!.Close();
}

internal sealed class DnsTarget() : StreamTarget(53)
{
    private readonly DnsObserver _observer = new();
    private DnsConnection<Receiver>? _connection;
    private Flow? _flow;

    public override IEnumerable<byte[]> SeedsFrom(Seeds inputs)
    {
        List<byte> pieces = [];
        byte[] query = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 7, .. "example"u8, 0, 0, 1, 0, 1];
        Append(pieces, fromClient: true, [0, (byte)query.Length, .. query, 0, (byte)query.Length, .. query]);
        yield return [.. pieces];
        foreach (byte[] seed in base.SeedsFrom(inputs).Concat(inputs.Conversations(17, 53, 5353, 5355)))
            yield return seed;
    }

    protected override void Begin(Flow flow)
    {
        _flow = flow;
        _connection = new(flow, new Receiver(Trace), _observer);
    }

    protected override void Data(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data)
    {
        _connection!.OnData(direction, data);
        var receiver = new Receiver(Trace);
        _observer.OnDatagram(_flow!, data, isCut: (data.Length & 1) != 0, ref receiver);
    }

    protected override void Gap(StreamDirection direction, long length) => _connection!.OnGap(direction, length);

    protected override void End(StreamDirection direction) => _connection!.OnEnd(direction);

    protected override void Close() => _connection!.Close();
}

/// <summary>An observer of the set.</summary>
internal sealed class SetTarget(Func<Flow, Receiver, IStreamObserver> begin, ushort port, params string[] seeds) : StreamTarget(port, seeds)
{
    private IStreamObserver? _observer;

    protected override void Begin(Flow flow) => _observer = begin(flow, new Receiver(Trace));

    protected override void Data(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data)
    {
        if (!_observer!.IsDone)
            _observer.OnData(direction, data);
    }

    protected override void Gap(StreamDirection direction, long length)
    {
        if (!_observer!.IsDone)
            _observer.OnGap(direction, length);
    }

    protected override void End(StreamDirection direction) => _observer!.OnEnd(direction);

    protected override void Close()
    {
        _observer!.Close();
        _observer.Close(); // harmless the second time
    }
}

/// <summary>The tables of services, and DHCP.</summary>
internal sealed class ServiceTarget() : StreamTarget(67)
{
    private Flow? _flow;

    public override IEnumerable<byte[]> SeedsFrom(Seeds inputs)
    {
        List<byte> pieces = [];
        byte[] dhcp = [1, 1, 6, 0, .. new byte[232], 0x63, 0x82, 0x53, 0x63, 53, 1, 3, 12, 2, (byte)'a', (byte)'b', 255];
        Append(pieces, fromClient: true, dhcp);
        Append(pieces, fromClient: true, Convert.FromHexString("302602010104067075626C6963A01902040000000102010002010030"));
        Append(pieces, fromClient: true, Convert.FromHexString("6A819030818DA103020105A20302010A"));
        Append(pieces, fromClient: true, Convert.FromHexString("03000013" + "0EE000000000000100080000000000"));
        Append(pieces, fromClient: true, Convert.FromHexString("102500044D51545405C2003C00"));
        yield return [.. pieces];
        foreach (
            byte[] seed in inputs
                .Conversations(17, 53, 67, 68, 88, 123, 161, 443, 5060)
                .Concat(inputs.Conversations(6, 88, 445, 1883, 3389))
        )
            yield return seed;
    }

    protected override void Begin(Flow flow) => _flow = flow;

    protected override void Data(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data)
    {
        Trace.Note(1, (long)ServiceTable.OfDatagram(_flow!, data));
        Trace.Note(2, (long)ServiceTable.OfStream(_flow!, data));
        if (!DhcpMessage.TryRead(data, out DhcpMessage message))
            return;
        Trace.Note(3 + message.Type, message.HostName.Length + message.HardwareAddress.Length);
        Trace.Note(300, message.LeaseSeconds + message.RequestedAddress + message.YourAddress);
    }

    protected override void Gap(StreamDirection direction, long length) => Trace.Note(4);

    protected override void End(StreamDirection direction) => Trace.Note(5);

    protected override void Close() => Trace.Note(6);
}

/// <summary>Messages of MIME; an input is one, in pieces as the first byte says.</summary>
internal sealed class MimeTarget : Target
{
    private const string Message = """
        From: a@example.org
        Subject: =?utf-8?B?w6Q=?= =?iso-8859-1?Q?=E4?=
        Content-Type: multipart/mixed; boundary="b"; x*0*=utf-8''a%20; x*1=b

        --b
        Content-Type: text/plain; name="a.txt"
        Content-Transfer-Encoding: base64

        aGVsbG8gd29ybGQ=
        --b
        Content-Disposition: attachment; filename*=utf-8''%e2%82%ac.bin
        Content-Transfer-Encoding: quoted-printable

        a=3Db=
        c
        --b
        Content-Type: message/rfc822

        Subject: inner

        text
        --b--
        """;

    public override IEnumerable<byte[]> SeedsFrom(Seeds seeds) =>
        seeds.Conversations(6, 25, 587, 110, 143).Prepend([7, .. Encoding.ASCII.GetBytes(Message.ReplaceLineEndings("\r\n"))]);

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        int size = input[0] == 0 ? input.Length : input[0];
        var reader = new MimeReader<Receiver>(new Receiver(Trace), new MimeObserver());
        reader.Begin();
        for (ReadOnlySpan<byte> rest = input[1..]; !rest.IsEmpty; rest = rest[Math.Min(size, rest.Length)..])
        {
            if (rest[0] == 0xfe)
                reader.Gap(rest.Length);
            reader.Write(rest[..Math.Min(size, rest.Length)]);
        }

        reader.End((input[0] & 1) == 0 ? MimeEnd.Complete : MimeEnd.Truncated);
    }
}

using System.Security.Cryptography;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Tls;

namespace Spillway.Net.Tests.Tls;

/// <summary>Writes down what a connection reports, a line each.</summary>
internal sealed class TlsRecorder : ITlsHandler
{
    public TlsRecorder(TlsLimits? limits = null)
    {
        Observer = new TlsObserver(limits);
        var key = FlowKey.Create(0x0A000001, 40000, 0x0A000002, 443, 6, 4, out _);
        Connection = new TlsConnection<TlsRecorder>(new Flow(in key, 1, 0), this, Observer);
    }

    public TlsObserver Observer { get; }
    public TlsConnection<TlsRecorder> Connection { get; }
    public TlsStatistics Statistics => Observer.Statistics;
    public List<string> Lines { get; } = [];
    public List<byte[]> Records { get; } = [];
    public List<byte[]> CertificatesSeen { get; } = [];
    public string? Ja3 { get; private set; }
    public string? Ja4 { get; private set; }
    public string? Ja3s { get; private set; }
    public int Ends { get; private set; }

    public TlsRecorder Client(params byte[][] parts) => Send(StreamDirection.ClientToServer, [.. parts.SelectMany(part => part)]);

    public TlsRecorder Server(params byte[][] parts) => Send(StreamDirection.ServerToClient, [.. parts.SelectMany(part => part)]);

    public TlsRecorder Send(StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            Connection.OnData(direction, data);
        return this;
    }

    public void OnRecord(TlsSession session, StreamDirection direction, ReadOnlySpan<byte> record)
    {
        Assert.True(record.Length >= TlsRecord.HeaderBytes);
        Assert.NotEqual((byte)TlsContentType.ApplicationData, record[0]);
        Assert.Equal(record.Length, TlsRecord.HeaderBytes + ((record[3] << 8) | record[4]));
        Records.Add(record.ToArray());
        Lines.Add($"{Who(direction)} record {record[0]} {record.Length} {Convert.ToHexString(SHA1.HashData(record))[..8]}");
    }

    public void OnClientHello(TlsSession session, in TlsClientHello hello)
    {
        List<string> alpn = [];
        foreach (ReadOnlySpan<byte> name in hello.Alpn)
            alpn.Add(Encoding.Latin1.GetString(name));
        Ja3 = TlsFingerprint.Ja3(in hello);
        Ja4 = TlsFingerprint.Ja4(in hello);
        Lines.Add(
            $"client hello {hello.HighestVersion:x4} [{Encoding.Latin1.GetString(hello.ServerName)}] "
                + $"[{string.Join(',', alpn)}] {hello.CipherSuites.Length / 2} suites"
        );
    }

    public void OnServerHello(TlsSession session, in TlsServerHello hello)
    {
        Assert.Equal(hello.Version, session.Version);
        Ja3s = TlsFingerprint.Ja3s(in hello);
        Lines.Add(
            $"server hello {hello.Version:x4} {hello.CipherSuite:x4}{(hello.IsHelloRetryRequest ? " retry" : "")} "
                + $"[{Encoding.Latin1.GetString(hello.Alpn)}]"
        );
    }

    public void OnCertificates(TlsSession session, StreamDirection direction, in TlsCertificateChain chain)
    {
        List<string> hashes = [];
        foreach (ReadOnlySpan<byte> certificate in chain)
        {
            CertificatesSeen.Add(certificate.ToArray());
            hashes.Add(Convert.ToHexStringLower(SHA1.HashData(certificate)));
        }

        Assert.Equal(chain.Count, hashes.Count);
        Lines.Add($"{Who(direction)} certificates {string.Join(',', hashes)}");
    }

    public void OnAlert(TlsSession session, StreamDirection direction, byte level, byte description) =>
        Lines.Add($"{Who(direction)} alert {level} {description}");

    public void OnHandshakeEnd(TlsSession session)
    {
        Ends++;
        Lines.Add("end");
    }

    private static char Who(StreamDirection direction) => direction == StreamDirection.ClientToServer ? 'C' : 'S';
}

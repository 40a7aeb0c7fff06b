using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Tls;

namespace Spillway.Net.Tests.Tls;

public sealed class TlsConnectionTests
{
    private const byte Handshake = 22;

    private static byte[] Hello => TlsBytes.Record(Handshake, TlsBytes.ClientHello("www.example.org", "h2", "http/1.1"));

    [Fact]
    public void Handshake12_IsTold_UntilBothSidesEncrypt()
    {
        TlsRecorder tls = new TlsRecorder()
            .Client(Hello)
            .Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello(), TlsBytes.Certificates([.. TlsBytes.Chain])))
            .Client(TlsBytes.ChangeCipherSpec, TlsBytes.Record(Handshake, new byte[40]))
            .Server(TlsBytes.ChangeCipherSpec, TlsBytes.ApplicationData);

        Assert.Contains("client hello 0303 [www.example.org] [h2,http/1.1] 2 suites", tls.Lines);
        Assert.Contains("server hello 0303 c02f []", tls.Lines);
        Assert.Equal(TlsBytes.Chain, tls.CertificatesSeen);
        Assert.Equal([22, 22, 20, 20], tls.Records.Select(record => (int)record[0]));
        Assert.True(tls.Connection.IsDone);
        Assert.Equal("end", tls.Lines[^1]);
        Assert.Equal(0, tls.Observer.BufferedBytes);
    }

    [Fact]
    public void HelloRecord_HasTheLengthThatScriptsCheck()
    {
        TlsRecorder tls = new TlsRecorder().Client(Hello);

        byte[] record = Assert.Single(tls.Records);
        Assert.Equal(Hello, record);
        Assert.Equal(record.Length, 9 + ((record[6] << 16) | (record[7] << 8) | record[8]));
    }

    [Theory]
    [InlineData("server-chain")]
    [InlineData("hello-retry")]
    [InlineData("chrome-kyber")]
    [InlineData("smtp-starttls")]
    public void CapturedHandshakes_CutAtEachByte_TellTheSame(string name)
    {
        IReadOnlyList<(StreamDirection Direction, byte[] Data)> segments = TlsBytes.Captured(name);
        List<string> whole = Play(segments, _ => 0);

        Assert.True(whole.Count > 3);
        for (int cut = 1; cut < segments.Max(segment => segment.Data.Length); cut++)
            Assert.Equal(whole, Play(segments, data => cut < data.Length ? cut : 0));
    }

    [Theory]
    [InlineData("server-chain")]
    [InlineData("hello-retry")]
    [InlineData("chrome-kyber")]
    public void CapturedHandshakes_OfSingleBytes_TellTheSame(string name)
    {
        IReadOnlyList<(StreamDirection Direction, byte[] Data)> segments = TlsBytes.Captured(name);
        var single = new TlsRecorder();
        foreach ((StreamDirection direction, byte[] data) in segments)
        {
            foreach (byte one in data)
                single.Send(direction, [one]);
        }

        single.Connection.Close();
        Assert.Equal(Play(segments, _ => 0), single.Lines);
        Assert.Equal(0, single.Observer.BufferedBytes);
    }

    // Expected values: tshark 4.0.17.
    [Theory]
    [InlineData("server-chain", "579ccef312d18482fc42e2b822ca2430", "d154fcfa5bb4f0748e1dd1992c681104")]
    [InlineData("hello-retry", "0f14b679807628ec7f9c02cada3ee941", "907bf3ecef1c987c889946b737b43de8")]
    [InlineData("chrome-kyber", "9d33d8206d4fec4c8b1423c728f4cd3c", "eb1d94daa7e0344597e756a1fb6e7054")]
    [InlineData("smtp-starttls", "13020a4ccb11b2d3c9c0e6c285c3c415", "ccc514751b175866924439bdbb5bba34")]
    public void CapturedHandshakes_HaveTsharksFingerprints(string name, string ja3, string ja3s)
    {
        var tls = new TlsRecorder();
        foreach ((StreamDirection direction, byte[] data) in TlsBytes.Captured(name))
            tls.Send(direction, data);

        Assert.Equal((ja3, ja3s), (tls.Ja3, tls.Ja3s));
    }

    public static TheoryData<string, byte[]> Prefaces =>
        new()
        {
            { "warning", [21, 3, 1, 0, 2, 1, 112] },
            { "two alerts", [21, 3, 1, 0, 2, 1, 112, 21, 3, 3, 0, 2, 2, 40] },
            { "PROXY version 1", [.. "PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n"u8] },
            {
                "PROXY version 2",
                [
                    0x0D,
                    0x0A,
                    0x0D,
                    0x0A,
                    0,
                    0x0D,
                    0x0A,
                    0x51,
                    0x55,
                    0x49,
                    0x54,
                    0x0A,
                    0x21,
                    0x11,
                    0,
                    12,
                    192,
                    0,
                    2,
                    1,
                    192,
                    0,
                    2,
                    2,
                    0x9C,
                    0x40,
                    1,
                    0xBB,
                ]
            },
            { "PROXY and alert", [.. "PROXY UNKNOWN\r\n"u8, 21, 3, 1, 0, 2, 1, 112] },
        };

    [Theory]
    [MemberData(nameof(Prefaces))]
    public void Preface_BeforeTheHello_HidesNothing(string name, byte[] preface)
    {
        TlsRecorder together = new TlsRecorder().Client([.. preface, .. Hello]);
        TlsRecorder apart = new TlsRecorder().Client(preface, Hello);

        Assert.True(together.Lines.Any(line => line.Contains("www.example.org", StringComparison.Ordinal)), name);
        Assert.Equal(together.Lines, apart.Lines);
        Assert.False(new TlsRecorder().Client([.. preface, .. "GET / HTTP/1.1\r\n"u8]).Connection.IsTls, name);
    }

    // Drafts of TLS 1.3: up to 21 without session id and compression method, the version in front; later as today, the version in an
    // extension.
    [Theory]
    [InlineData(0x7f12, true, "TLS 1.3 draft-18")]
    [InlineData(0x7f15, true, "TLS 1.3 draft-21")]
    [InlineData(0x7f17, false, "TLS 1.3 draft-23")]
    [InlineData(0x7f1c, false, "TLS 1.3 draft-28")]
    [InlineData(0xfb1a, false, "TLS 1.3 draft-26-fb")]
    [InlineData(0x0304, false, "TLS 1.3")]
    public void DraftsOfTls13_HaveTheirNameAndCipher(int version, bool isShort, string name)
    {
        byte[] body = isShort
            ? [(byte)(version >> 8), (byte)version, .. new byte[32], 0x13, 0x02, 0, 0]
            : [3, 3, .. new byte[32], 0, 0x13, 0x02, 0, 0, 6, 0, 43, 0, 2, (byte)(version >> 8), (byte)version];
        TlsRecorder tls = new TlsRecorder().Client(Hello).Server(TlsBytes.Record(Handshake, [2, 0, 0, (byte)body.Length, .. body]));

        Assert.Equal((version, 0x1302), (tls.Connection.Session.Version, tls.Connection.Session.CipherSuite));
        Assert.Equal(name, TlsVersion.NameOf((ushort)version));
        Assert.Equal(0, tls.Observer.Statistics.BadMessages);
    }

    [Fact]
    public void HelloRetry_SecondHelloBehindChangeCipherSpec_IsTold()
    {
        List<string> lines = Play(TlsBytes.Captured("hello-retry"), _ => 0);

        Assert.Equal(2, lines.Count(line => line.StartsWith("client hello", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains(" retry ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("server hello 0304 1302 [", StringComparison.Ordinal));
    }

    [Fact]
    public void Hellos_BeyondTheSecond_LeaveTheStream()
    {
        TlsRecorder tls = new TlsRecorder().Client(Hello, Hello, Hello, Hello);
        byte[] empty = TlsBytes.Record(Handshake, [2, 0, 0, 0]);
        tls.Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello()), empty, empty, empty);

        Assert.Equal(2, tls.Lines.Count(line => line.StartsWith("client hello", StringComparison.Ordinal)));
        Assert.Equal(2, tls.Lines.Count(line => line.StartsWith("server hello", StringComparison.Ordinal)));
        Assert.True(tls.Connection.IsDone);
    }

    [Fact]
    public void ClientCertificate_IsToldWithItsSender()
    {
        TlsRecorder tls = new TlsRecorder().Client(Hello, TlsBytes.Record(Handshake, TlsBytes.Certificates(TlsBytes.Chain[0])));

        Assert.StartsWith("C certificates ", tls.Lines[^1], StringComparison.Ordinal);
    }

    // Expected values: tshark 4.0.17.
    [Fact]
    public void CapturedChain_HasTsharksHashes() =>
        Assert.Contains(
            "S certificates aeae9d28724cf52cb8121c7aada7ec12784a2a64,"
                + "a053375bfe84e8b748782c7cee15827a6af5a405,933c6ddee95c9c41a40f9f50493d82be03ad87bf",
            Play(TlsBytes.Captured("server-chain"), _ => 0)
        );

    [Fact]
    public void Chain_OverManyRecordsAndSegments_IsPutTogether()
    {
        byte[] message = TlsBytes.Certificates([.. TlsBytes.Chain]);
        byte[] stream =
        [
            .. TlsBytes.Record(Handshake, TlsBytes.ServerHello()),
            .. message.Chunk(100).SelectMany(part => TlsBytes.Record(Handshake, part)),
        ];
        var tls = new TlsRecorder();
        foreach (byte[] segment in stream.Chunk(137))
            tls.Server(segment);

        Assert.Equal(TlsBytes.Chain, tls.CertificatesSeen);
        Assert.Equal(1 + ((message.Length + 99) / 100), tls.Records.Count);
    }

    [Fact]
    public void RolesTheOtherWayRound_AreToldRight()
    {
        TlsRecorder tls = new TlsRecorder().Server(Hello).Client(TlsBytes.Record(Handshake, TlsBytes.ServerHello()));

        Assert.True(tls.Connection.Session.IsReversed);
        Assert.StartsWith("C record 22", tls.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("S record 22", tls.Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void ServerSideOnly_IsTold_AndSleepsWhenItsBulkComes()
    {
        TlsRecorder tls = new TlsRecorder().Server(
            TlsBytes.Record(Handshake, TlsBytes.ServerHello(0x1301, 0x0304)),
            TlsBytes.ApplicationData
        );
        Assert.False(tls.Connection.IsDone);
        for (int i = 0; i < 70; i++)
            tls.Server(new byte[1000]);

        Assert.True(tls.Connection.IsDone);
        Assert.Contains("server hello 0304 1301 []", tls.Lines);
    }

    [Fact]
    public void Alert_InTheClear_IsTold()
    {
        TlsRecorder tls = new TlsRecorder()
            .Client(Hello)
            .Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello()), TlsBytes.Record(21, [2, 40]));

        Assert.Contains("S alert 2 40", tls.Lines);
        Assert.Equal(1, tls.Statistics.Alerts);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\x16\x03\x01\x00\x00\x01")]
    [InlineData("\x16\x03\x05\x00\x10\x01")]
    [InlineData("\x16\x03\x01\x00\x10\x07")]
    [InlineData("\x16\x03\x01\xFF\xFF\x01")]
    public void OtherBytes_AreNotTls_AndAreLeft(string begin)
    {
        var tls = new TlsRecorder();
        tls.Client(Encoding.Latin1.GetBytes(begin));
        for (int i = 0; i < 20; i++)
            tls.Client(new byte[1000]);

        Assert.True(tls.Connection.IsDone);
        Assert.False(tls.Connection.IsTls);
        Assert.Equal(1, tls.Statistics.NotTls);
        Assert.Empty(tls.Lines);
    }

    [Fact]
    public void Gap_InTheHandshake_LeavesThatStreamOnly()
    {
        var tls = new TlsRecorder();
        tls.Client(Hello[..20]);
        tls.Connection.OnGap(StreamDirection.ClientToServer, 10);
        tls.Client(Hello[30..]).Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello()));

        Assert.Equal(1, tls.Statistics.WithGap);
        Assert.Contains("server hello 0303 c02f []", tls.Lines);
        Assert.DoesNotContain(tls.Lines, line => line.StartsWith("client hello", StringComparison.Ordinal));
    }

    [Fact]
    public void HandshakeOverTheLimit_IsLeftAndCounted()
    {
        var tls = new TlsRecorder(new TlsLimits { MaxHandshakeBytes = 1024 });
        tls.Client(Hello)
            .Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello()), TlsBytes.Record(Handshake, [11, 0, 16, 0, .. new byte[100]]));

        Assert.Equal(1, tls.Statistics.HandshakesTooLong);
        Assert.Equal(0, tls.Observer.BufferedBytes);
    }

    [Fact]
    public void BuffersOverTheBudget_LeaveTheStream()
    {
        var observer = new TlsLimits { MaxBufferedBytes = 64 << 10, MaxHandshakeBytes = 1 << 20 };
        var tls = new TlsRecorder(observer);
        byte[] part = new byte[16000];
        tls.Client(Hello).Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello()), TlsBytes.Record(Handshake, [11, 3, 0, 0]));
        for (int i = 0; i < 8; i++)
            tls.Server(TlsBytes.Record(Handshake, part));

        Assert.Equal(1, tls.Statistics.OverMemory);
        Assert.Equal(0, tls.Observer.BufferedBytes);
    }

    [Fact]
    public void RecordHeaderOutOfStep_IsCounted()
    {
        TlsRecorder tls = new TlsRecorder().Client(Hello, "garbage"u8.ToArray());

        Assert.Equal(1, tls.Statistics.BadRecords);
    }

    [Fact]
    public void EndWithinARecord_IsCounted_AndTheEndToldOnce()
    {
        TlsRecorder tls = new TlsRecorder().Client(Hello).Server(TlsBytes.Record(Handshake, TlsBytes.ServerHello())[..30]);
        tls.Connection.Close();
        tls.Connection.Close();

        Assert.Equal(1, tls.Statistics.Truncated);
        Assert.Equal(1, tls.Ends);
        Assert.Equal(0, tls.Observer.BufferedBytes);
    }

    [Fact]
    public void MutatedHandshakes_NeverThrowOrKeepMemory()
    {
        const int seed = 20260401;
        var random = new Random(seed);
        IReadOnlyList<(StreamDirection Direction, byte[] Data)>[] all =
        [
            .. new[] { "server-chain", "hello-retry", "chrome-kyber" }.Select(TlsBytes.Captured),
        ];
        for (int round = 0; round < 3000; round++)
        {
            var tls = new TlsRecorder();
            foreach ((StreamDirection direction, byte[] data) in all[random.Next(all.Length)])
            {
                byte[] mutated = [.. data];
                for (int i = random.Next(4); i > 0; i--)
                    mutated[random.Next(Math.Min(mutated.Length, 300))] = (byte)random.Next(256);
                int cut = random.Next(mutated.Length);
                tls.Send(direction, mutated.AsSpan(0, cut)).Send(direction, mutated.AsSpan(cut));
                if (random.Next(50) == 0)
                    tls.Connection.OnGap(direction, 100);
            }

            foreach (byte[] certificate in tls.CertificatesSeen.Take(1))
                tls.Observer.Certificates.Get(certificate);
            tls.Connection.Close();
            Assert.True(tls.Connection.IsDone, $"seed {seed}, round {round}");
            Assert.Equal(0, tls.Observer.BufferedBytes);
        }
    }

    private static List<string> Play(IReadOnlyList<(StreamDirection Direction, byte[] Data)> segments, Func<byte[], int> cut)
    {
        var tls = new TlsRecorder();
        foreach ((StreamDirection direction, byte[] data) in segments)
        {
            int at = cut(data);
            tls.Send(direction, data.AsSpan(0, at)).Send(direction, data.AsSpan(at));
        }

        tls.Connection.Close();
        return tls.Lines;
    }
}

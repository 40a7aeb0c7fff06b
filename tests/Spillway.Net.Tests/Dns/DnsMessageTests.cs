using System.Text;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Net.Tests.Dns;

public sealed class DnsMessageTests
{
    [Fact]
    public void Document_HasTheFormOfTheScriptApi()
    {
        byte[] response = DnsBytes.Message(
            0x8180,
            [DnsBytes.Question("www.example.org", 1)],
            [
                DnsBytes.Record(DnsBytes.ToQuestion, 5, [3, (byte)'w', (byte)'e', (byte)'b', 0xC0, 16]),
                DnsBytes.Record([3, (byte)'w', (byte)'e', (byte)'b', 0xC0, 16], 1, [1, 2, 3, 4], ttl: 60),
            ]
        );

        Assert.Equal(
            "RESPONSE\tID: 4660\tFlags:0x8180\tQDCount:1\tANCount:2\tNSCount:0\tARCount:0\nQuestions\n.www.example.org\t\tA\tIN\n"
                + "Answers\n.www.example.org\t300\tCNAME\tIN\tweb.example.org\n.web.example.org\t60\tA\tIN\t1.2.3.4\n",
            Document(response)
        );
    }

    [Theory]
    [InlineData(0x8183, 0x00, 3, "NXDOMAIN")]
    [InlineData(0x8180, 0x01, 16, "BADVERS")]
    [InlineData(0x8187, 0x01, 23, "BADCOOKIE")]
    [InlineData(0x818C, 0x00, 12, "RCODE12")]
    public void ResponseCode_HasTheBitsOfEdns(ushort flags, byte high, int code, string name)
    {
        byte[] opt = DnsBytes.Record([0], 41, [], (uint)high << 24, 1232);
        DnsMessage message = DnsMessage.Read(
            DnsBytes.Message(
                flags,
                [DnsBytes.Question("www.example.org", 1)],
                [DnsBytes.Record(DnsBytes.ToQuestion, 1, [1, 2, 3, 4], 0xFF000000)],
                [],
                [opt]
            )
        );

        Assert.Equal((code, flags & 15), (message.ExtendedResponseCode, message.ResponseCode));
        Assert.Equal(name, DnsText.ResponseCodeName(code));
    }

    [Fact]
    public void Document_OfAQuery_BeginsWithQuery() =>
        Assert.Equal(
            "QUERY\tID: 4660\tFlags:0x0100\tQDCount:1\tANCount:0\tNSCount:0\tARCount:1\n"
                + "Questions\n.www.example.org\t\tAAAA\tIN\nAdditional\n.\t0\tOPT\tCLASS1232\t\\# 0\n",
            Document(DnsBytes.Message(0x0100, [DnsBytes.Question("www.example.org", 28)], [], [], [DnsBytes.Record([0], 41, [], 0, 1232)]))
        );

    [Fact]
    public void Resource_HasTheFormOfTheScriptApi()
    {
        byte[] message = DnsBytes.Answer(28, [0x20, 0x01, 0x0D, 0xB8, .. new byte[11], 1]);
        var uri = new WireTextBuilder();
        var label = new WireTextBuilder();
        DnsMessage view = DnsMessage.Read(message);

        Assert.True(DnsText.AppendResourceUri(in view, uri));
        DnsText.AppendResourceLabel(in view, label);
        Assert.Equal("www.example.org", Encoding.UTF8.GetString(uri.Text));
        Assert.Equal("www.example.org\t300\tIN\tAAAA\t2001:db8::1\n", Encoding.UTF8.GetString(label.Text));
        Assert.Matches(@"\sAAAA\s2001:db8::1", Encoding.UTF8.GetString(label.Text));
    }

    public static TheoryData<ushort, byte[], string> Data =>
        new()
        {
            { 1, [192, 0, 2, 1], "192.0.2.1" },
            { 1, [192, 0, 2], @"\# 3 c00002" },
            { 2, DnsBytes.Name("ns1.example.net"), "ns1.example.net" },
            { 12, [0xC0, 12], "www.example.org" },
            { 15, [0, 10, .. DnsBytes.Name("mail.example.org")], "10 mail.example.org" },
            { 15, [0, 0, 0], "0 ." },
            { 16, [2, (byte)'a', (byte)'"', 1, 7], "\"a\\\"\" \"\\007\"" },
            { 16, [9, (byte)'a'], @"\# 2 0961" },
            {
                6,
                [
                    .. DnsBytes.Name("ns.example"),
                    .. DnsBytes.Name("admin.example"),
                    0,
                    0,
                    0,
                    1,
                    0,
                    0,
                    0,
                    2,
                    0,
                    0,
                    0,
                    3,
                    0,
                    0,
                    0,
                    4,
                    0,
                    0,
                    0,
                    5,
                ],
                "ns.example admin.example 1 2 3 4 5"
            },
            { 33, [0, 1, 0, 2, 0x01, 0xBB, .. DnsBytes.Name("sip.example")], "1 2 443 sip.example" },
            {
                65,
                [0, 1, 0, 0, 1, 0, 6, 2, (byte)'h', (byte)'2', 2, (byte)'h', (byte)'3', 0, 3, 0, 2, 1, 0xBB, 0, 4, 0, 4, 1, 2, 3, 4],
                "1 . alpn=\"h2,h3\" port=443 ipv4hint=1.2.3.4"
            },
            { 65280, [1, 2], @"\# 2 0102" },
            { 2, [0xC0, 200], @"\# 2 c0c8" },
        };

    [Theory]
    [MemberData(nameof(Data))]
    public void Data_OfEachType_IsText(ushort type, byte[] data, string expected)
    {
        var text = new WireTextBuilder(8);
        foreach (DnsRecord record in DnsMessage.Read(DnsBytes.Answer(type, data)).Records)
            DnsRecordText.AppendData(in record, text);

        Assert.Equal(expected, Encoding.Latin1.GetString(text.Text));
    }

    [Fact]
    public void Name_WithOddBytes_IsEscaped()
    {
        byte[] message = DnsBytes.Message(
            0,
            [
                [3, (byte)'a', (byte)'.', 0, 1, (byte)'\\', 0, 0, 1, 0, 1],
            ],
            []
        );
        var text = new WireTextBuilder();
        DnsMessage view = DnsMessage.Read(message);
        DnsText.AppendResourceUri(in view, text);

        Assert.Equal(@"a\.\000.\\", Encoding.Latin1.GetString(text.Text));
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 12 })] // to itself
    [InlineData(new byte[] { 0xC0, 14, 0xC0, 12 })] // forward, and back
    [InlineData(new byte[] { 1, (byte)'a', 0xC0, 12 })] // round and round
    [InlineData(new byte[] { 0x80, 1 })] // a kind of label that was never assigned
    public void Name_ThatNeverEnds_IsMalformed(byte[] name) =>
        Assert.Equal(
            DnsMessageStatus.Malformed,
            DnsMessage
                .Read(
                    DnsBytes.Message(
                        0,
                        [
                            [.. name, 0, 1, 0, 1],
                        ],
                        []
                    )
                )
                .Status
        );

    [Fact]
    public void Name_WithAPointerForward_IsRead()
    {
        // hidden + a pointer to "example.com", which stands behind the question.
        byte[] message =
        [
            .. DnsBytes.Message(
                0x0100,
                [
                    [6, .. "hidden"u8, 0xC0, 25, 0, 1, 0, 1],
                ],
                []
            ),
            .. DnsBytes.Name("example.com"),
        ];
        var text = new WireTextBuilder();
        DnsMessage view = DnsMessage.Read(message);

        Assert.Equal(DnsMessageStatus.Good, view.Status);
        DnsText.AppendResourceUri(in view, text);
        Assert.Equal("hidden.example.com", Encoding.Latin1.GetString(text.Text));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(15)]
    public void Opcode_ThatIsUnassigned_IsReadIfAllOfItIsDns(int opcode)
    {
        byte[] message = DnsBytes.Message((ushort)(opcode << 11), [DnsBytes.Question("op.example", 1)], []);

        Assert.Equal((DnsMessageStatus.Good, opcode), (DnsMessage.Read(message).Status, DnsMessage.Read(message).Opcode));
        Assert.Equal(DnsMessageStatus.NotDns, DnsMessage.Read([.. message, 0]).Status);
        Assert.Equal(DnsMessageStatus.NotDns, DnsMessage.Read(message.AsSpan(0, message.Length - 1)).Status);
    }

    [Fact]
    public void Response_ThatIsAnErrorOnly_IsRead()
    {
        Assert.Equal(DnsMessageStatus.Good, DnsMessage.Read(DnsBytes.Message(0x8001, [], [])).Status);
        Assert.Equal(DnsMessageStatus.NotDns, DnsMessage.Read(DnsBytes.Message(0x8000, [], [])).Status);
        Assert.Equal(DnsMessageStatus.NotDns, DnsMessage.Read(DnsBytes.Message(0x0001, [], [])).Status);
    }

    // IANA's registry, as far as it has names.
    [Theory]
    [InlineData(11, "WKS")]
    [InlineData(23, "NSAP-PTR")]
    [InlineData(37, "CERT")]
    [InlineData(45, "IPSECKEY")]
    [InlineData(49, "DHCID")]
    [InlineData(108, "EUI48")]
    [InlineData(254, "MAILA")]
    [InlineData(32769, "DLV")]
    [InlineData(65280, "TYPE65280")]
    public void Type_HasItsName(ushort type, string name) => Assert.Equal(name, DnsText.TypeName(type));

    [Fact]
    public void Name_LongerThan255Bytes_IsMalformed()
    {
        string label = new('a', 63);
        Assert.Equal(
            DnsMessageStatus.Good,
            DnsMessage.Read(DnsBytes.Message(0, [DnsBytes.Question($"{label}.{label}.{label}.{label[..61]}", 1)], [])).Status
        );
        Assert.Equal(
            DnsMessageStatus.Malformed,
            DnsMessage.Read(DnsBytes.Message(0, [DnsBytes.Question($"{label}.{label}.{label}.{label[..62]}", 1)], [])).Status
        );
    }

    [Fact]
    public void Message_CutByItsSender_IsReadAsFarAsItGoes()
    {
        byte[] whole = DnsBytes.Message(
            0x8380,
            [DnsBytes.Question("a.example", 1)],
            [DnsBytes.Record(DnsBytes.ToQuestion, 1, [1, 2, 3, 4]), DnsBytes.Record(DnsBytes.ToQuestion, 1, [1, 2, 3, 5])]
        );
        DnsMessage message = DnsMessage.Read(whole.AsSpan(0, whole.Length - 3));

        Assert.Equal(DnsMessageStatus.Truncated, message.Status);
        Assert.Equal(1, message.Records.Count);
    }

    [Fact]
    public void Records_OverTheLimit_AreLeftOut()
    {
        byte[][] answers = [.. Enumerable.Repeat(DnsBytes.Record(DnsBytes.ToQuestion, 1, [1, 2, 3, 4]), 20)];
        DnsMessage message = DnsMessage.Read(
            DnsBytes.Message(0x8180, [DnsBytes.Question("a", 1)], answers),
            limits: new DnsLimits { MaxRecords = 5 }
        );

        Assert.Equal(DnsMessageStatus.TooManyRecords, message.Status);
        Assert.Equal(5, message.Records.Count);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("short")]
    public void OtherBytes_AreNotDns(string bytes) =>
        Assert.Equal(DnsMessageStatus.NotDns, DnsMessage.Read(Encoding.ASCII.GetBytes(bytes)).Status);

    [Fact]
    public void Reading_AllocatesNothing()
    {
        byte[] bytes = DnsBytes.Answer(1, [192, 0, 2, 1]);
        int total = Walk(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            total += Walk(bytes);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(101 * 4, total);

        static int Walk(byte[] bytes)
        {
            int data = 0;
            foreach (DnsRecord record in DnsMessage.Read(bytes).Records)
                data += record.Data.Length;
            return data;
        }
    }

    [Fact]
    public void MutatedMessages_AreReadWithoutHarm()
    {
        const int seed = 42;
        var random = new Random(seed);
        byte[][] messages = [.. Data.Select(row => DnsBytes.Answer(row.Data.Item1, row.Data.Item2))];
        var text = new WireTextBuilder();
        for (int round = 0; round < 50_000; round++)
        {
            byte[] bytes = [.. messages[random.Next(messages.Length)]];
            for (int i = random.Next(1, 6); i > 0; i--)
                bytes[random.Next(2, bytes.Length)] = random.Next(3) == 0 ? (byte)0xC0 : (byte)random.Next(256);
            DnsMessage message = DnsMessage.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            if (message.Status == DnsMessageStatus.NotDns)
                continue;
            DnsText.AppendDocument(in message, text.Clear());
            DnsText.AppendResourceUri(in message, text);
            DnsText.AppendResourceLabel(in message, text);
            Assert.False(text.Text.Contains((byte)0), $"seed {seed}, round {round}");
        }
    }

    private static string Document(byte[] message)
    {
        var text = new WireTextBuilder(4);
        DnsMessage view = DnsMessage.Read(message);
        Assert.Equal(DnsMessageStatus.Good, view.Status);
        DnsText.AppendDocument(in view, text);
        return Encoding.UTF8.GetString(text.Text);
    }
}

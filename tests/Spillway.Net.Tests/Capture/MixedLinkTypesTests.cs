using Spillway.Net.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Capture;

public sealed class MixedLinkTypesTests : IDisposable
{
    private static readonly byte[] OnEthernet = Frame.Usual("one"u8.ToArray());
    private static readonly byte[] OnRawIp = Frame.Ipv4(17, Frame.Udp(5000, 53, "two"u8.ToArray()));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryRead_InterfacesOfSeveralLinkTypes_GivesEachPacketItsOwn(bool isBigEndian)
    {
        byte[] content = new CaptureBytes(isBigEndian)
            .Section()
            .Interface(1)
            .Interface(101, timeResolution: 9, offsetSeconds: 100)
            .Interface(1, snapLength: 96, timeResolution: 0x8A)
            .Enhanced(0, 5, OnEthernet)
            .Block(5, body => { }) // statistics
            .Enhanced(1, 7, OnRawIp, 1500)
            .Enhanced(2, 1024 + 512, OnEthernet)
            .Simple(OnEthernet, (uint)OnEthernet.Length)
            .ToArray();

        using CaptureFile file = CaptureFile.Open(_folder.Write(content));
        List<Read> packets = Read.All(file);

        Assert.Equal(
            [LinkType.Ethernet, LinkType.RawFile, LinkType.Ethernet, LinkType.Ethernet],
            packets.Select(packet => packet.LinkType)
        );
        Assert.Equal([5_000, 100_000_000_007, 1_500_000_000, 0], packets.Select(packet => packet.TimestampNs));
        Assert.Equal(1500, packets[1].WireLength);
        Assert.Equal(Convert.ToHexString(OnRawIp), packets[1].Data);
        Assert.Equal(Convert.ToHexString(OnEthernet), packets[3].Data);
        Assert.Equal(CaptureEnd.EndOfFile, file.End);
    }

    [Fact]
    public void TryRead_Filter_IsAppliedToEachLinkTypeInItsOwnWay()
    {
        byte[] content = new CaptureBytes(false)
            .Section()
            .Interface(1)
            .Interface(101)
            .Enhanced(0, 1, OnEthernet)
            .Enhanced(1, 2, OnRawIp)
            .Enhanced(0, 3, Frame.Ethernet(0x0800, OnRawIp))
            .ToArray();
        string path = _folder.Write(content);

        using CaptureFile udp = CaptureFile.Open(path, "udp port 53");
        Assert.Equal([2_000, 3_000], Read.All(udp).Select(packet => packet.TimestampNs));
        Assert.Throws<CaptureException>(() => CaptureFile.Open(path, "udp prot 53"));
    }

    [Fact]
    public void TryRead_NewSection_NumbersItsInterfacesAnew()
    {
        byte[] content =
        [
            .. new CaptureBytes(false).Section().Interface(1).Interface(101).Enhanced(1, 1, OnRawIp).ToArray(),
            .. new CaptureBytes(true).Section().Interface(101).Enhanced(0, 2, OnRawIp).ToArray(),
        ];

        using CaptureFile file = CaptureFile.Open(_folder.Write(content));

        Assert.Equal([1_000, 2_000], Read.All(file).Select(packet => packet.TimestampNs));
    }

    [Fact]
    public void TryRead_CutInABlock_ReadsWhatIsBeforeAndReports()
    {
        byte[] content = new CaptureBytes(false)
            .Section()
            .Interface(1)
            .Interface(101)
            .Enhanced(1, 1, OnRawIp)
            .Enhanced(1, 2, OnRawIp)
            .ToArray();

        using CaptureFile file = CaptureFile.Open(_folder.Write(content[..^9]));

        Assert.Single(Read.All(file));
        Assert.Equal(CaptureEnd.Truncated, file.End);
    }

    [Fact]
    public void TryRead_PacketOfAnUnknownInterface_EndsWithAnError()
    {
        byte[] content = new CaptureBytes(false).Section().Interface(1).Interface(101).Enhanced(9, 1, OnRawIp).ToArray();

        using CaptureFile file = CaptureFile.Open(_folder.Write(content));

        Assert.Empty(Read.All(file));
        Assert.Equal(CaptureEnd.Error, file.End);
        Assert.Contains("interface 9", file.EndMessage, StringComparison.Ordinal);
    }
}

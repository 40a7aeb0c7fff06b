using Spillway.Net.Capture;

namespace Spillway.Net.Tests.Capture;

public sealed class CaptureWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LinkType.Ethernet, LinkType.Ethernet)]
    [InlineData(LinkType.LinuxSll2, LinkType.LinuxSll2)]
    [InlineData(LinkType.Raw, LinkType.Raw)]
    [InlineData(LinkType.RawFile, LinkType.Raw)]
    public void Write_Packets_ReadBackAsTheyWere(LinkType written, LinkType read)
    {
        string path = Path.Combine(_folder.FullName, "w.pcap");
        using (CaptureWriter writer = CaptureWriter.Create(path, written, snapLength: 8))
        {
            writer.Write(1_700_000_000_123_456_789, [1, 2, 3]);
            writer.Write(1_700_000_001_000_000_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
            writer.Write(0, [1], wireLength: 1500);
            Assert.Equal(3, writer.Packets);
        }

        using CaptureFile file = CaptureFile.Open(path);

        Assert.Equal(
            [
                new Read(1_700_000_000_123_456_789, 3, read, "010203"),
                new Read(1_700_000_001_000_000_000, 10, read, "0102030405060708"),
                new Read(0, 1500, read, "01"),
            ],
            Read.All(file)
        );
    }

    [Fact]
    public void Create_WhereNothingCanBeWritten_SaysSo()
    {
        string path = Path.Combine(_folder.FullName, "none", "w.pcap");

        Assert.Contains(
            path,
            Assert.Throws<CaptureException>(() => CaptureWriter.Create(path, LinkType.Ethernet)).Message,
            StringComparison.Ordinal
        );
    }
}

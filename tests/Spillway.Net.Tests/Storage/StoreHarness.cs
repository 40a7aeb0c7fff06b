using Spillway.Net.Capture;
using Spillway.Net.Packets;
using Spillway.Net.Storage;
using Spillway.Net.Tests.Capture;
using Spillway.Net.Tests.Packets;

namespace Spillway.Net.Tests.Storage;

/// <summary>A store in a folder of the test's own.</summary>
internal sealed class StoreHarness : IDisposable
{
    public const long Start = 1_700_000_000_000_000_000;

    private readonly TemporaryFolder _folder = new();

    public StoreHarness() =>
        Options = new PacketStoreOptions
        {
            Directory = Path.Combine(_folder.FullName, "store"),
            Tell = Told.Add,
            RingBytes = 1 << 20,
        };

    public PacketStoreOptions Options { get; set; }

    public List<string> Told { get; } = [];

    /// <summary>What was given to the store and must come out again.</summary>
    public List<Read> Given { get; } = [];

    public string[] Captures => [.. Directory.GetFiles(Options.Directory, "*.pcap").Order(StringComparer.Ordinal)];

    /// <summary>Lets a store take packets, and completes it.</summary>
    public PacketStoreStatistics Fill(Action<PacketStore> fill)
    {
        using PacketStore store = PacketStore.Open(Options);
        fill(store);
        store.Complete();
        return store.Statistics;
    }

    /// <summary>A packet of a connection of its own for each <paramref name="port"/>, one each millisecond.</summary>
    public void Add(
        PacketStore store,
        int number,
        ushort port = 49152,
        int payload = 100,
        LinkType linkType = LinkType.Ethernet,
        int? keep = null
    )
    {
        byte[] ip = Frame.Ipv4(6, Frame.Tcp(port, 443, Frame.Bytes(payload, (byte)number), sequence: (uint)number));
        byte[] frame = linkType == LinkType.Ethernet ? Frame.Ethernet(0x0800, ip) : ip;
        var packet = new CapturedPacket(frame, Start + (number * 1_000_000L) + 1, frame.Length + 3, linkType);
        var info = default(PacketInfo);
        PacketDecoder.Decode(in packet, ref info);
        int length = keep ?? frame.Length;
        store.Lanes[0].Store(in packet, in info.Key, length);
        Given.Add(new Read(packet.TimestampNs, packet.WireLength, linkType, Convert.ToHexString(frame.AsSpan(0, length))));
    }

    /// <summary>All packets of the files, as libpcap reads them: up to the cut, if one ends in mid-packet.</summary>
    public List<Read> ByLibpcap()
    {
        var packets = new List<Read>();
        foreach (string capture in Captures)
        {
            using CaptureFile file = CaptureFile.Open(capture);
            packets.AddRange(Read.All(file));
        }

        return packets;
    }

    public List<Read> Pull(PacketQuery query) => Pull(query, out _);

    public List<Read> Pull(PacketQuery query, out List<string> problems)
    {
        using PacketStoreReader reader = PacketStoreReader.Open(Options.Directory);
        problems = reader.Problems;
        using PacketQueryReader packets = reader.Read(query);
        var result = new List<Read>();
        while (packets.TryRead(out CapturedPacket packet, out _))
            result.Add(new Read(packet.TimestampNs, packet.WireLength, packet.LinkType, Convert.ToHexString(packet.Data)));
        return result;
    }

    public void Dispose() => _folder.Dispose();
}

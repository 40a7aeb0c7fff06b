using Spillway.Net.Capture;
using Spillway.Net.Ip;
using Spillway.Net.Packets;
using Spillway.Tests.Shared;

namespace Spillway.Net.Tests.Packets;

public class DecoderRobustnessTests
{
    private static readonly LinkType[] LinkTypes = Enum.GetValues<LinkType>();

    [Fact]
    public void Decode_MutatedPackets_KeepsItsPromises()
    {
        byte[][] seeds = Seeds();
        var random = new Random(20240811);
        var info = default(PacketInfo);
        var defragmenter = new IpDefragmenter(new IpDefragmenterOptions { MemoryBytes = 256 << 10, Datagrams = 50 });
        for (int round = 0; round < 150_000; round++)
        {
            byte[] packet = Mutate(seeds[random.Next(seeds.Length)], random);
            LinkType linkType = random.Next(4) == 0 ? LinkTypes[random.Next(LinkTypes.Length)] : LinkType.Ethernet;
            try
            {
                var captured = new CapturedPacket(
                    packet,
                    round * 1_000_000L,
                    packet.Length + (random.Next(3) == 0 ? random.Next(2000) : 0),
                    linkType
                );
                PacketDecoder.Decode(captured, ref info);
                Invariants.Check(info, packet.Length);
                Assert.InRange(Complete(defragmenter, captured, ref info), 0, LayerArray.Capacity);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"round {round}, {linkType}: {Convert.ToHexString(packet)}", failure);
            }
        }

        Assert.True(defragmenter.Counters.Reassembled > 0, "the mutations reach the defragmenter's last step");
        Assert.InRange(defragmenter.MemoryBytes, 0, 256 << 10);
    }

    [Fact]
    public void Decode_Noise_KeepsItsPromises()
    {
        var random = new Random(7);
        var info = default(PacketInfo);
        byte[] packet = new byte[300];
        for (int round = 0; round < 100_000; round++)
        {
            random.NextBytes(packet);
            int length = random.Next(packet.Length + 1);
            LinkType linkType = LinkTypes[random.Next(LinkTypes.Length)];
            PacketDecoder.Decode(new CapturedPacket(packet.AsSpan(0, length), 0, length, linkType), ref info);
            Invariants.Check(info, length);
        }
    }

    [Fact]
    public void Decode_EveryPrefixOfEveryKind_KeepsItsPromises()
    {
        foreach (byte[] seed in Seeds())
        {
            for (int length = 0; length <= seed.Length; length++)
                Decoded.Of(seed[..length], wireLength: seed.Length);
        }
    }

    [Fact]
    public void Decode_AMillionPackets_AllocatesNothing()
    {
        byte[][] seeds = Seeds();
        var info = default(PacketInfo);
        Run(1000);

        long allocated = Allocations.InSteadyState(() => Run(1_000_000), out _);

        Assert.Equal(0, allocated);

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                byte[] seed = seeds[i % seeds.Length];
                PacketDecoder.Decode(new CapturedPacket(seed, i, seed.Length, LinkType.Ethernet), ref info);
            }
        }
    }

    private static int Complete(IpDefragmenter defragmenter, scoped in CapturedPacket packet, ref PacketInfo info)
    {
        if (info.Kind != PacketKind.Fragment || !defragmenter.TryComplete(packet, info, out CapturedPacket datagram))
            return 0;
        PacketDecoder.Decode(datagram, ref info);
        Invariants.Check(info, datagram.Data.Length);
        return 1 + Complete(defragmenter, datagram, ref info);
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] packet = (byte[])seed.Clone();
        for (int i = random.Next(4); i > 0; i--)
        {
            int at = random.Next(packet.Length);
            packet[at] = random.Next(4) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(packet[at] ^ (1 << random.Next(8))),
                2 => 0,
                _ => 0xff,
            };
        }

        return random.Next(3) == 0 ? packet[..random.Next(packet.Length + 1)] : packet;
    }

    private static byte[][] Seeds()
    {
        byte[] payload = Frame.Bytes(24);
        byte[] udp = Frame.Udp(5000, 53, Frame.Bytes(56));
        List<byte[]> seeds =
        [
            Frame.Usual(payload),
            Frame.Ethernet(0x86DD, Frame.UsualIp6(payload)),
            Frame.Ethernet(0x0806, new byte[46]),
            Frame.Ethernet(0x0800, Frame.Ipv4(1, Frame.Icmp(8, payload))),
            Frame.Ethernet(0x86DD, Frame.Ipv6(58, Frame.Icmp(128, payload))),
            Frame.Ethernet(0x8100, Frame.Vlan(5, 0x0800, Frame.UsualIp(payload))),
            Frame.Ethernet(0x8847, Frame.Mpls(false, Frame.Mpls(true, Frame.UsualIp(payload)))),
            Frame.Ethernet(0x8864, Frame.Join(Frame.Hex("11 00 0001 0031 0021"), Frame.UsualIp(payload))),
            Frame.Ethernet(
                0x86DD,
                Frame.Ipv6(0, Frame.Join(Frame.Hex("3C 00 0104 00000000 06 00 0104 00000000"), Frame.Tcp(1, 2, payload)))
            ),
            Frame.Ethernet(0x0800, Frame.Ipv4(17, udp[..32], more: true)),
            Frame.Ethernet(0x0800, Frame.Ipv4(17, udp[32..], fragmentOffset: 32)),
            Frame.Ethernet(0x86DD, Frame.Ipv6(44, Frame.Ipv6Fragment(17, udp[..32], 0, more: true))),
            Frame.Ethernet(0x86DD, Frame.Ipv6(44, Frame.Ipv6Fragment(17, udp[32..], 32, more: false))),
            Frame.Ethernet(0x0800, Frame.Ipv4(4, Frame.Ipv4(17, udp[..32], more: true))),
            Frame.Ethernet(0x0800, Frame.Ipv4(4, Frame.Ipv4(17, udp[32..], fragmentOffset: 32))),
        ];
        seeds.AddRange(TunnelTests.Tunnels.Select(row => Frame.Ethernet(0x0800, Frame.Ipv4(row.Data.Item2, row.Data.Item3))));
        return [.. seeds];
    }
}

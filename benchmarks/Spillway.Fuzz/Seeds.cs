using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Fuzz;

/// <summary>
/// Inputs from captures: those of <c>SPILLWAY_PCAPS</c>, or of a directory <c>shared/pcaps</c> beside the repository or above.
/// </summary>
internal sealed class Seeds
{
    private const int MostPackets = 2000,
        MostConversation = 32 << 10,
        LargestCapture = 2 << 20;

    private readonly List<string> _captures = [.. Find()];

    /// <summary>Captures, whole.</summary>
    public IEnumerable<byte[]> Captures(int largest) =>
        _captures.Where(path => new FileInfo(path).Length <= largest).Take(200).Select(File.ReadAllBytes);

    /// <summary>Frames in a row, each behind its link type and length (see <see cref="FrameTarget"/>).</summary>
    /// <param name="wants">Which frames.</param>
    public IEnumerable<byte[]> Frames(Func<PacketInfo, bool> wants)
    {
        foreach (string path in _captures)
        {
            List<byte> row = [];
            var info = default(PacketInfo);
            Read(
                path,
                (in CapturedPacket packet) =>
                {
                    PacketDecoder.Decode(in packet, ref info);
                    if (wants(info) && row.Count < MostConversation)
                        FrameTarget.Append(row, packet.LinkType, packet.Data);
                }
            );
            if (row.Count > 0)
                yield return [.. row];
        }
    }

    /// <summary>Conversations with a port, as pieces of their directions (see <see cref="StreamTarget"/>).</summary>
    public IEnumerable<byte[]> Conversations(byte protocol, params ushort[] ports)
    {
        foreach (string path in _captures)
        {
            var conversations = new Dictionary<FlowKey, List<byte>>();
            var info = default(PacketInfo);
            Read(
                path,
                (in CapturedPacket packet) =>
                {
                    PacketDecoder.Decode(in packet, ref info);
                    FlowKey key = info.Key;
                    if (info.Kind != PacketKind.Ip || info.Protocol != protocol || info.PayloadLength == 0 || !ports.Contains(key.PortZ))
                        return;
                    if (!conversations.TryGetValue(key, out List<byte>? pieces))
                        conversations[key] = pieces = [];
                    if (pieces.Count < MostConversation)
                        StreamTarget.Append(pieces, fromClient: info.FromA, packet.Data.Slice(info.PayloadOffset, info.PayloadLength));
                }
            );
            foreach (List<byte> pieces in conversations.Values.Take(20))
                yield return [.. pieces];
        }
    }

    private delegate void Taker(in CapturedPacket packet);

    private static void Read(string path, Taker take)
    {
        try
        {
            using CaptureFile file = CaptureFile.Open(path);
            for (int i = 0; i < MostPackets && file.TryRead(out CapturedPacket packet); i++)
                take(in packet);
        }
        catch (CaptureException)
        {
            // Captures of the set are damaged on purpose.
        }
    }

    private static IEnumerable<string> Find()
    {
        string? root = Environment.GetEnvironmentVariable("SPILLWAY_PCAPS");
        for (
            DirectoryInfo? directory = new(Environment.CurrentDirectory);
            root is null && directory is not null;
            directory = directory.Parent
        )
        {
            string candidate = Path.Combine(directory.FullName, "shared", "pcaps");
            if (Directory.Exists(candidate))
                root = candidate;
        }

        return root is null || !Directory.Exists(root)
            ? []
            : Directory
                .EnumerateFiles(root, "*.pcap*", SearchOption.AllDirectories)
                .Where(path => new FileInfo(path).Length <= LargestCapture)
                .Order(StringComparer.Ordinal);
    }
}

using Spillway.Life;
using Spillway.Net.Capture;

namespace Spillway.Packets;

/// <summary>
/// Packets into a pcap file; those of a further link type into a file of their own beside it, since one file has one link type.
/// </summary>
internal sealed class PacketOutput(string path) : IDisposable
{
    private readonly Dictionary<LinkType, CaptureWriter> _writers = [];

    /// <summary>Packets written.</summary>
    public long Packets { get; private set; }

    /// <summary>The files.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Writes a packet.</summary>
    /// <exception cref="CaptureException">The file cannot be created, or standard output would need two link types.</exception>
    public void Write(scoped in CapturedPacket packet)
    {
        if (!_writers.TryGetValue(packet.LinkType, out CaptureWriter? writer))
            writer = _writers[packet.LinkType] = Open(packet.LinkType);
        writer.Write(packet.TimestampNs, packet.Data, packet.WireLength);
        Packets++;
    }

    /// <summary>Writes what is buffered. Without packets there is an empty capture.</summary>
    public void Complete()
    {
        if (_writers.Count == 0)
            _writers[LinkType.Ethernet] = Open(LinkType.Ethernet);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CaptureWriter writer in _writers.Values)
            writer.Dispose();
    }

    private CaptureWriter Open(LinkType linkType)
    {
        if (path == "-")
        {
            if (_writers.Count > 0)
                throw new CaptureException(
                    "the packets have several link types, which one pcap stream cannot hold: write them to a file with "
                        + $"-w FILE ({linkType} goes to one of its own)"
                );
            return CaptureWriter.Create(new BufferedStream(StandardStreams.OpenOutput(), 128 * 1024), linkType);
        }

        string name =
            _writers.Count == 0
                ? path
                : Path.Combine(
                    Path.GetDirectoryName(path) ?? "",
                    $"{Path.GetFileNameWithoutExtension(path)}-{linkType.ToString().ToLowerInvariant()}{Path.GetExtension(path)}"
                );
        Files.Add(name);
        return CaptureWriter.Create(name, linkType);
    }
}

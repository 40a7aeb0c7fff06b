using Spillway.Net.Capture;

namespace Spillway.EndToEnd.Traffic;

/// <summary>A capture in the making: Ethernet frames, one each millisecond.</summary>
public sealed class Recording
{
    /// <summary>Time of the first packet, seconds since 1970.</summary>
    public const long Start = 1_700_000_000;

    private readonly List<byte[]> _frames = [];
    private readonly List<long> _pausesMs = []; // before each frame, all of them so far
    private long _pausedMs;

    public int Count => _frames.Count;

    public IEnumerable<int> FrameLengths => _frames.Select(frame => frame.Length);

    /// <summary>The frames, in order.</summary>
    public IReadOnlyList<byte[]> Frames => _frames;

    public void Add(byte[] frame)
    {
        _frames.Add(frame);
        _pausesMs.Add(_pausedMs);
    }

    /// <summary>Nothing comes for so many seconds; time goes back if they are negative.</summary>
    public void Pause(int seconds) => _pausedMs += seconds * 1000L;

    /// <summary>Takes a frame out, as a capture that loses packets does.</summary>
    public void Lose(int index)
    {
        _frames.RemoveAt(index);
        _pausesMs.RemoveAt(index);
    }

    /// <summary>A connection from 10.1.2.3 to 198.51.100.7.</summary>
    public TcpConversation Connect(ushort clientPort = 49152, ushort serverPort = 80) =>
        Connect(0x0A010203, clientPort, 0xC6336407, serverPort);

    /// <summary>A connection between any two hosts.</summary>
    public TcpConversation Connect(uint client, ushort clientPort, uint server, ushort serverPort) =>
        new(this, client, clientPort, server, serverPort);

    /// <summary>One connection with one request and its response.</summary>
    public static Recording Of(byte[] request, byte[] response)
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(request);
        connection.ServerSends(response);
        connection.Close();
        return recording;
    }

    /// <summary>Writes the capture.</summary>
    /// <param name="path">Where.</param>
    /// <param name="stepNs">Time from one frame to the next.</param>
    public string Save(string path, long stepNs = 1_000_000)
    {
        using CaptureWriter writer = CaptureWriter.Create(path, LinkType.Ethernet);
        for (int i = 0; i < _frames.Count; i++)
            writer.Write((Start * 1_000_000_000) + (i * stepNs) + (_pausesMs[i] * 1_000_000L), _frames[i]);
        return path;
    }
}

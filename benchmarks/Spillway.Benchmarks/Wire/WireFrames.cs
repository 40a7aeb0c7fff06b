using System.Runtime.InteropServices;
using Spillway.Net.Capture;

namespace Spillway.Benchmarks.Wire;

/// <summary>The frames of a capture in memory, round after round, each round with other clients.</summary>
internal sealed unsafe class WireFrames : IDisposable
{
    /// <summary>Most bytes of a frame that are sent: the largest Ethernet frame with tags.</summary>
    public const int LongestFrame = 1522;

    private readonly byte* _bytes;
    private readonly WireFrame[] _frames;
    private readonly int _atOnce;
    private readonly bool _changesClients;
    private readonly bool _onceOnly;
    private int _frame,
        _copy;
    private int _firstRound;

    /// <param name="capture">A capture of Ethernet frames. Longer ones than <see cref="LongestFrame"/> are left out.</param>
    /// <param name="atOnce">So many rounds at a time, a frame of each in turn; 0 sends the frames as they are.</param>
    /// <param name="onceOnly">Ends after the first rounds.</param>
    public WireFrames(string capture, int atOnce, bool onceOnly)
    {
        _changesClients = atOnce > 0;
        _atOnce = Math.Max(atOnce, 1);
        _onceOnly = onceOnly;
        var all = new MemoryStream();
        var frames = new List<WireFrame>();
        using (CaptureFile file = CaptureFile.Open(capture))
        {
            while (file.TryRead(out CapturedPacket packet))
            {
                if (packet.LinkType != LinkType.Ethernet)
                    throw new InvalidDataException($"'{capture}' has no Ethernet frames");
                if (packet.Data.Length > LongestFrame)
                    continue;
                frames.Add(WireFrame.Of(packet.Data, all.Length));
                all.Write(packet.Data);
            }
        }

        if (frames.Count == 0)
            throw new InvalidDataException($"'{capture}' has no frames to send");
        _frames = [.. frames];
        _bytes = (byte*)NativeMemory.Alloc((nuint)all.Length);
        all.ToArray().CopyTo(new Span<byte>(_bytes, (int)all.Length));
    }

    /// <summary>Rounds that were begun.</summary>
    public int Rounds => _firstRound + (_frame > 0 || _copy > 0 ? _atOnce : 0);

    /// <summary>Writes the next frame.</summary>
    /// <returns>False at the end.</returns>
    public bool TryNext(Span<byte> target, out int length)
    {
        if (_copy == _atOnce)
        {
            _copy = 0;
            if (++_frame == _frames.Length)
            {
                _frame = 0;
                _firstRound += _atOnce;
            }
        }

        length = 0;
        if (_onceOnly && _firstRound > 0)
            return false;
        ref readonly WireFrame frame = ref _frames[_frame];
        length = frame.Length;
        new ReadOnlySpan<byte>(_bytes + frame.Offset, length).CopyTo(target);
        if (_changesClients)
            frame.ChangeClient(target, _firstRound + _copy);
        _copy++;
        return true;
    }

    public void Dispose() => NativeMemory.Free(_bytes);
}

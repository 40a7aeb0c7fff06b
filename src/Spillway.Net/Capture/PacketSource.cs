namespace Spillway.Net.Capture;

/// <summary>
/// Where packets come from: one small contract for a file, a pipe, an interface, and for what a reader hands to its lanes. One thread
/// reads;
/// <see cref="Stop"/> and <see cref="Progress"/> may be called by any.
/// </summary>
public abstract class PacketSource : IDisposable
{
    /// <summary>For <see cref="IdleNs"/>: time stands still.</summary>
    public const long NoTime = long.MinValue;

    /// <summary>How long a source without packets waits before it says so.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>What to call it in messages, such as <c>'a.pcap'</c> or <c>standard input</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether packets come whether or not they are taken: then whoever is behind drops and counts, else it lets the source wait.
    /// </summary>
    public virtual bool IsLive => false;

    /// <summary>
    /// After <see cref="SourceEvent.Idle"/>: the packet time that has been reached, in nanoseconds since 1970, or <see cref="NoTime"/>.
    /// </summary>
    public long IdleNs { get; protected set; } = NoTime;

    /// <summary>
    /// Which of a run's captures the packets are in, from 1; 0 if they are in none. Whoever opens it sets it before the first packet.
    /// </summary>
    public int Capture { get; set; }

    /// <summary>Packets given so far.</summary>
    public long Packets { get; protected set; }

    /// <summary>Packets that came and were lost before they could be given. Any thread.</summary>
    public virtual long Dropped => 0;

    /// <summary>The longest time for which packets that were there had to wait until they were read on, to within a batch of them;
    /// <see cref="PacketPause.None"/> where nobody has to wait. Any thread.</summary>
    public virtual PacketPause LongestPause => PacketPause.None;

    /// <summary>How it ended; <see cref="CaptureEnd.None"/> before, and after a stop.</summary>
    public abstract CaptureEnd End { get; }

    /// <summary>
    /// One line that says what is wrong, if <see cref="End"/> is <see cref="CaptureEnd.Truncated"/> or <see cref="CaptureEnd.Error"/>.
    /// </summary>
    public abstract string? EndMessage { get; }

    /// <summary>How much has been read, from 0 to 1; null where that is not known. Any thread.</summary>
    public virtual double? Progress => null;

    /// <summary>Opens a capture file, or whatever else brings a capture's bytes: a pipe, a FIFO, standard input.</summary>
    /// <param name="path">The path, or <c>-</c> for standard input.</param>
    /// <param name="filter">A filter in the language of pcap-filter(7); null or blank lets all packets through.</param>
    /// <exception cref="CaptureException">The capture cannot be opened, or the filter is wrong; a pipe says so when it is read.</exception>
    public static PacketSource Open(string path, string? filter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        PipeStream? pipe = path == "-" ? PipeStream.TryOpenStandardInput() : PipeStream.TryOpen(path);
        return pipe is not null ? new PipeSource(path, pipe, filter) : new FileSource(CaptureFile.Open(path, filter));
    }

    /// <summary>Reads on. A source without packets returns <see cref="SourceEvent.Idle"/> about every <see cref="IdleInterval"/>.</summary>
    /// <param name="packet">The packet, in the source's memory: valid until the next call.</param>
    /// <exception cref="CaptureException">A source that is opened while it is read cannot be: it is empty, or no capture.</exception>
    public abstract SourceEvent Read(out CapturedPacket packet);

    /// <summary>
    /// Ends the reading at once, also one that waits: the reader gets <see cref="SourceEvent.End"/>. Any thread, any number of times.
    /// </summary>
    public abstract void Stop();

    /// <summary>Closes it; packets that were read are no longer valid. Not while another thread is reading.</summary>
    public abstract void Dispose();
}

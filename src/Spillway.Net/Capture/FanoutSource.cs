namespace Spillway.Net.Capture;

/// <summary>
/// Interfaces whose packets the kernel deals out to several readers, each with a ring of its own, see <see cref="Readers"/>. It is not read
/// itself: it is their account, and stops them all.
/// </summary>
public sealed class FanoutSource : LiveSource
{
    private readonly InterfaceSource[] _readers;

    /// <summary>Opens interfaces.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="readers">How many readers there are.</param>
    /// <param name="options">How they are listened to; the buffer is each reader's own.</param>
    /// <exception cref="CaptureException">One of them cannot be captured, or the kernel does not deal packets out.</exception>
    public FanoutSource(IReadOnlyList<string> names, int readers, LiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(readers);
        Name = string.Join(", ", names);
        var groups = names.ToDictionary(name => name, _ => new FanoutGroup());
        var opened = new List<InterfaceSource>();
        try
        {
            // What happens to an interface is said once.
            for (int i = 0; i < readers; i++)
                opened.Add(new InterfaceSource(names, options with { Groups = groups, Tell = i == 0 ? options.Tell : static _ => { } }));
        }
        catch
        {
            opened.ForEach(one => one.Dispose());
            throw;
        }

        _readers = [.. opened];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The readers; each is for one thread.</summary>
    public IReadOnlyList<PacketSource> Readers => _readers;

    /// <inheritdoc/>
    public override PacketPause LongestPause => PacketPause.LongestOf(_readers.Select(reader => reader.LongestPause));

    /// <inheritdoc/>
    public override CaptureCounts Counts
    {
        get
        {
            CaptureCounts sum = default;
            foreach (InterfaceSource reader in _readers)
                sum += reader.Counts;
            return sum;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: its readers are read.</exception>
    public override SourceEvent Read(out CapturedPacket packet) => throw new NotSupportedException("Read its readers.");

    /// <inheritdoc/>
    public override void Settle()
    {
        foreach (InterfaceSource reader in _readers)
            reader.Settle();
    }

    /// <inheritdoc/>
    public override void Stop()
    {
        foreach (InterfaceSource reader in _readers)
            reader.Stop();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (InterfaceSource reader in _readers)
            reader.Dispose();
    }
}

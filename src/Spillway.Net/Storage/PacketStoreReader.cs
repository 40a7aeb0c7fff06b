using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>Reads a packet store, also while a run writes to it. One thread.</summary>
public sealed class PacketStoreReader : IDisposable
{
    private readonly List<StoredCapture> _captures = [];

    private PacketStoreReader(string directory) => Directory = directory;

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>Captures that can be read.</summary>
    public int Captures => _captures.Count;

    /// <summary>What was found wrong with the files, and what was done about it. Whole lines for the user.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The link types of the captures.</summary>
    public IReadOnlyList<LinkType> LinkTypes => [.. _captures.Select(capture => capture.LinkType).Distinct()];

    internal IReadOnlyList<StoredCapture> Files => _captures;

    /// <summary>Opens a store.</summary>
    /// <exception cref="CaptureException">There is no such directory, or it has no stored packets.</exception>
    public static PacketStoreReader Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!System.IO.Directory.Exists(directory))
            throw new CaptureException($"'{directory}' is no directory: name the one that was given to spillway run --packets");
        var reader = new PacketStoreReader(directory);
        try
        {
            bool keepsIndex = !StoreDirectory.IsInUse(directory);
            string[] paths = [.. StoreDirectory.Captures(directory)];
            bool isOutermost = paths.Any(StoredCapture.SaysOutermost); // those without an index are of the same kind
            foreach (string path in paths)
            {
                if (StoredCapture.Open(path, keepsIndex, isOutermost, out string? problem) is { } capture)
                    reader._captures.Add(capture);
                if (problem is not null)
                    reader.Problems.Add(problem);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            reader.Dispose();
            throw new CaptureException($"cannot read '{directory}': {failure.Message}", failure);
        }

        if (reader._captures.Count > 0)
            return reader;
        reader.Dispose();
        throw new CaptureException(
            $"no packets are stored in '{directory}' (no spillway-*.pcap there): store some with spillway run -r FILE "
                + $"--packets '{directory}'"
        );
    }

    /// <summary>The flows that match the conditions on flow, host and port, by the indexes alone; earliest first.</summary>
    public IReadOnlyList<FlowTotals> Flows(PacketQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var table = new FlowTable();
        foreach (StoredCapture capture in _captures)
        {
            int at = PacketIndex.HeaderLength;
            while (PacketIndex.TryReadEntry(capture.Index, ref at, out _, out ReadOnlySpan<FlowTotals> flows))
            {
                foreach (ref readonly FlowTotals flow in flows)
                {
                    if (query.Matches(in flow.Key))
                        table.Add(in flow);
                }
            }
        }

        return table.Sorted();
    }

    /// <summary>Whether the index alone knows which flows match.</summary>
    public bool IsAnsweredByIndex(PacketQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.IsAnsweredByIndex && !MayMatchFragments(query);
    }

    /// <summary>
    /// Whether there are fragments that may belong to a flow that is meant: of their ports the index knows nothing, the packets do.
    /// </summary>
    public bool MayMatchFragments(PacketQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        foreach (StoredCapture capture in _captures)
        {
            int at = PacketIndex.HeaderLength;
            while (PacketIndex.TryReadEntry(capture.Index, ref at, out _, out ReadOnlySpan<FlowTotals> flows))
            {
                foreach (ref readonly FlowTotals flow in flows)
                {
                    if (query.MayMatchFragments(in flow.Key))
                        return true;
                }
            }
        }

        return false;
    }

    /// <summary>Begins to read the packets that match, in the order of their times.</summary>
    /// <exception cref="CaptureException">The query's filter is wrong.</exception>
    public PacketQueryReader Read(PacketQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new PacketQueryReader(_captures, query);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StoredCapture capture in _captures)
            capture.Dispose();
        _captures.Clear();
    }

    /// <summary>Adds up flows.</summary>
    public sealed class FlowTable
    {
        private readonly Dictionary<FlowKey, FlowTotals> _flows = [];

        /// <summary>Takes totals of a flow, or of one of its packets, into account.</summary>
        public void Add(in FlowTotals flow)
        {
            ref FlowTotals known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                _flows,
                flow.Key,
                out bool exists
            );
            if (exists)
                known.Add(in flow);
            else
                known = flow;
        }

        /// <summary>All flows, earliest first.</summary>
        public IReadOnlyList<FlowTotals> Sorted() => [.. _flows.Values.OrderBy(flow => flow.FirstNs)];
    }
}

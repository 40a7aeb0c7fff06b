namespace Spillway.Metrics.Records;

// What happened at one moment of packet time. Immutable, so that lanes, store and report share them. Texts are made by WireText.

/// <summary>An alert.</summary>
public sealed record AlertRecord
{
    /// <summary>Packet time, nanoseconds since 1970 UTC.</summary>
    public required long TimestampNs { get; init; }

    /// <summary>Canonical GUID of the alert group.</summary>
    public required string GroupGuid { get; init; }

    /// <summary>Flow id; null for an alert without a flow.</summary>
    public string? FlowId { get; init; }

    /// <summary>The host that it is about, readable, if that is known better than by a flow; null else.</summary>
    public string? Host { get; init; }

    /// <summary>Signature id.</summary>
    public required string Key { get; init; }

    /// <summary>Classification; empty if none was given.</summary>
    public string Classification { get; init; } = "";

    /// <summary>1 high, 2 medium, 3 low; the scripts' own scale goes further.</summary>
    public int Priority { get; init; }

    /// <summary>Message.</summary>
    public string Message { get; init; } = "";

    /// <summary>For example ALARM, CLEAR, FIRED.</summary>
    public string Status { get; init; } = "";

    /// <summary>
    /// What all alerts of its kind have in common, for readers that group by it, where <see cref="Message"/> differs; empty: the message.
    /// </summary>
    public string Signature { get; init; } = "";

    /// <summary>What the kind says about itself: names, which may come more than once, and values. In events only.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>The file that it is about; null if it is about none. In events only.</summary>
    public FileRecord? File { get; init; }

    /// <summary>Further text, such as the details of an alert that came from elsewhere.</summary>
    public string ExtraMessage { get; init; } = "";
}

/// <summary>A resource: something that was seen in a flow and has a name.</summary>
public sealed record ResourceRecord
{
    /// <summary>Longest label kept, in bytes; longer ones are cut.</summary>
    public const int MaxLabelBytes = 32 * 1024 - 1;

    /// <summary>Packet time, nanoseconds since 1970 UTC.</summary>
    public required long TimestampNs { get; init; }

    /// <summary>Canonical GUID of the resource group.</summary>
    public required string GroupGuid { get; init; }

    /// <summary>Flow id, or null.</summary>
    public string? FlowId { get; init; }

    /// <summary>Name.</summary>
    public required string Uri { get; init; }

    /// <summary>Contents.</summary>
    public string Label { get; init; } = "";
}

/// <summary>A full-text document: something that was seen in a flow, written out to be searched.</summary>
public sealed record DocumentRecord
{
    /// <summary>Longest text kept, in bytes; longer ones are cut. A chain of five certificates takes about 40 KB.</summary>
    public const int MaxTextBytes = 256 * 1024;

    /// <summary>Packet time, nanoseconds since 1970 UTC.</summary>
    public required long TimestampNs { get; init; }

    /// <summary>Canonical GUID of the document group.</summary>
    public required string GroupGuid { get; init; }

    /// <summary>Id of the document, unlike any other of the run.</summary>
    public required string Key { get; init; }

    /// <summary>Flow id, or null.</summary>
    public string? FlowId { get; init; }

    /// <summary>Text.</summary>
    public required string Text { get; init; }
}

/// <summary>A directed edge between two keys.</summary>
public sealed record EdgeRecord(long TimestampNs, string FromGroup, string FromKey, string ToGroup, string ToKey);

/// <summary>A display label for a key; an empty description leaves an earlier one in place.</summary>
public sealed record KeyLabelRecord(int Group, string Key, string Label, string Description);

/// <summary>A name and value attached to a key; a later value replaces an earlier one.</summary>
public sealed record KeyAttributeRecord(int Group, string Key, string Name, string Value);

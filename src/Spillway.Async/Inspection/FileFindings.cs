using System.Buffers;

namespace Spillway.Async.Inspection;

/// <summary>What was found out about a file. Travels as the result of a task.</summary>
public sealed record FileFindings
{
    /// <summary>Its type; null if it was not wanted or cannot be said.</summary>
    public FileType? Type { get; init; }

    /// <summary>What the scan has found.</summary>
    public ScanResult Scan { get; init; } = ScanResult.None;

    /// <summary>Reads what <see cref="Encode"/> has written.</summary>
    public static FileFindings Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new FindingsReader(bytes);
        FileType? type = reader.ReadFlag() ? new FileType(reader.ReadText(), reader.ReadText()) : null;
        var scan = new ScanResult((ScanEnd)reader.ReadNumber(), reader.ReadText()) { Matches = RuleMatchFormat.Read(ref reader) };
        return new FileFindings { Type = type, Scan = scan };
    }

    internal void Encode(IBufferWriter<byte> output)
    {
        FindingsWriter.WriteFlag(output, Type is not null);
        if (Type is { } type)
        {
            FindingsWriter.WriteText(output, type.Description);
            FindingsWriter.WriteText(output, type.MimeType);
        }

        FindingsWriter.WriteNumber(output, (int)Scan.End);
        FindingsWriter.WriteText(output, Scan.Reason);
        RuleMatchFormat.Write(output, Scan.Matches);
    }
}

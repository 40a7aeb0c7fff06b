namespace Spillway.Report;

// What was stored of the packets.
public sealed partial class ConsoleReport
{
    private string StoredText()
    {
        if (_summary.Packets is not { } packets)
            return "";
        if (packets.Directory is not { } directory)
            return "none stored: scripts decide on it (packet_storage), give --packets DIR";
        return Joined(
            $"{Units.Count(packets.Stored, "packet")} ({Units.Bytes(packets.StoredBytes)}) in {SafeText.Fit(directory, 60)}",
            packets.Cut > 0 ? $"{Units.Count(packets.Cut)} of them headers only" : "",
            packets.Ignored > 0 ? $"{Units.Count(packets.Ignored)} left out by policy" : "",
            packets.PastLimit > 0 ? $"{Units.Count(packets.PastLimit)} past their flow's limit" : "",
            packets.Dropped > 0 ? $"{Units.Count(packets.Dropped)} lost" : "",
            packets.FilesRemoved > 0 ? $"{Units.Count(packets.FilesRemoved, "old file")} removed" : ""
        );
    }
}

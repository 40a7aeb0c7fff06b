using System.Text;
using Spillway.Net.Files;

namespace Spillway.Run;

/// <summary>
/// Files that were to be stored and could not be: the first of each kind is reported at once with its remedy, all are counted, and a run
/// with one has failed. What a hole in the capture cuts short is the capture's fault, and only reported. The lane's thread.
/// </summary>
internal sealed class FileRefusals(RamDirectory directory, RunOptions options, Action<string> warn)
{
    private readonly bool[] _reported = new bool[(int)ContentFileStatus.Error + 1];
    private long _refused;

    /// <summary>The line for the end; null if no file was refused.</summary>
    public string? Complaint =>
        _refused == 0 ? null : $"{Units.Count(_refused, "file")} could not be stored in {directory.Path}: see the warnings above";

    /// <summary>Takes a content whose storing has ended early.</summary>
    public void Add(ContentFile content)
    {
        if (content.Status != ContentFileStatus.HoleTooLarge)
            _refused++;
        if (_reported[(int)content.Status])
            return;
        _reported[(int)content.Status] = true;
        string name = Encoding.UTF8.GetString(content.PathUtf8);
        warn(
            content.Status switch
            {
                ContentFileStatus.DirectoryFull when directory.Keeps =>
                    $"files in {directory.Path} have reached --output-size and come faster than older ones go: they are refused until "
                        + $"there is room; first refused: {name}",
                ContentFileStatus.DirectoryFull =>
                    $"the ram directory is full ({Units.Bytes(directory.CapacityBytes)}): files are refused until tasks have freed room, "
                        + $"give more with --ramfs-size; first refused: {name}",
                ContentFileStatus.NoSpace =>
                    $"no space left for {directory.Path}: files are refused until there is room, {OtherPlace}; first refused: {name}",
                ContentFileStatus.HoleTooLarge =>
                    $"a file has a hole larger than {ContentFileOptions.Default.MaxHoleBytes >> 10} KB and ends there: {name}",
                _ => $"a file cannot be written to {directory.Path} ({content.Reason}): {OtherPlace}; first refused: {name}",
            }
        );
    }

    private string OtherPlace =>
        "choose another place with "
        + (
            directory.Keeps ? "--extract DIR"
            : options.Journal is not null ? "--journal DIR"
            : "--ramfs DIR"
        );
}

using System.Text.Json;

namespace Spillway.Web.Data;

/// <summary>What somebody said of a signature of alerts.</summary>
/// <param name="Group">GUID of the group.</param>
/// <param name="Key">Signature id.</param>
/// <param name="UntilNs">Alerts up to this time are acknowledged; null if none are.</param>
/// <param name="Note">The note, or empty.</param>
/// <param name="User">Who said it.</param>
/// <param name="At">When.</param>
internal sealed record AlertNote(string Group, string Key, long? UntilNs, string Note, string User, DateTimeOffset At);

/// <summary>
/// Notes and acknowledgements of alerts, in a file beside the store: a JSON object a line, the last of a signature counts. The store is the
/// run's own, which may be writing it.
/// </summary>
internal sealed class AlertNotes(string place)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "alert-notes.jsonl";

    /// <summary>Longest note, in characters.</summary>
    public const int MaxNote = 2000;

    /// <summary>Most bytes of the file; beyond it nothing is written.</summary>
    public const long MaxFileBytes = 16 << 20;

    private readonly string _path = Path.Combine(File.Exists(place) ? Path.GetDirectoryName(Path.GetFullPath(place))! : place, FileName);

    private readonly Lock _gate = new();
    private Dictionary<(string, string), AlertNote> _notes = [];
    private (DateTime, long) _readAt;

    /// <summary>All notes, by group and signature.</summary>
    public IReadOnlyDictionary<(string Group, string Key), AlertNote> All()
    {
        lock (_gate)
        {
            var file = new FileInfo(_path);
            if (!file.Exists)
                return _notes;
            if (_readAt != (file.LastWriteTimeUtc, file.Length))
                (_notes, _readAt) = (Read(), (file.LastWriteTimeUtc, file.Length));
            return _notes;
        }
    }

    /// <summary>Adds one.</summary>
    /// <returns>Null, or why it could not be kept.</returns>
    public string? Add(AlertNote note)
    {
        if (note.Note.Length > MaxNote)
            return $"a note has at most {MaxNote} characters";
        try
        {
            lock (_gate)
            {
                if (File.Exists(_path) && new FileInfo(_path).Length > MaxFileBytes)
                    return $"{_path} is full: remove it, or lines of it";
                var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                using var file = new FileStream(_path, options);
                file.Write(JsonSerializer.SerializeToUtf8Bytes(note));
                file.WriteByte((byte)'\n');
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"the note cannot be kept: {exception.Message}";
        }
    }

    // A line that is cut, since the disk was full, is no note.
    private Dictionary<(string, string), AlertNote> Read()
    {
        var notes = new Dictionary<(string, string), AlertNote>();
        foreach (string line in File.ReadLines(_path))
        {
            try
            {
                if (JsonSerializer.Deserialize<AlertNote>(line) is { Group: not null, Key: not null } note)
                    notes[(note.Group, note.Key)] = note;
            }
            catch (JsonException)
            {
                continue;
            }
        }

        return notes;
    }
}

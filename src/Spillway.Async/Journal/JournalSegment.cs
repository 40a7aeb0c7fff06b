using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Spillway.Async.Native;
using Spillway.Posix;

namespace Spillway.Async.Journal;

/// <summary>
/// One file of the journal. Its lane fills it through a mapping, which costs no system call; whoever ends a task notes that in place.
/// It is deleted when it takes no more records and all its tasks are struck.
/// </summary>
internal sealed class JournalSegment : IDisposable
{
    private const string UnmadeExtension = ".new";

    private readonly TaskJournal _journal;
    private readonly OwnedDirectory _directory;
    private readonly string _name;
    private readonly SafeFileHandle _file;
    private MappedFile? _map;
    private int _live;
    private int _isDirty;

    private JournalSegment(TaskJournal journal, OwnedDirectory directory, string name, SafeFileHandle file, int length)
    {
        _journal = journal;
        _directory = directory;
        _name = name;
        _file = file;
        Path = System.IO.Path.Combine(directory.Path, name);
        Length = length;
    }

    public string Path { get; }

    /// <summary>Bytes on disk.</summary>
    public int Length { get; }

    /// <summary>Where the next record goes. The writer's alone.</summary>
    public int End { get; set; }

    /// <summary>Whether something was written since <see cref="TrySync"/> was called last.</summary>
    public bool IsDirty => Volatile.Read(ref _isDirty) != 0;

    /// <summary>
    /// Makes a new file with all its blocks, ready to be written. It has its name when it is complete: one that is shorter was cut.
    /// </summary>
    /// <exception cref="IOException">There is no room, or the directory cannot be written.</exception>
    public static JournalSegment Create(TaskJournal journal, OwnedDirectory directory, string name, int length)
    {
        string unmade = name + UnmadeExtension;
        SafeFileHandle file = directory.TryCreateFile(unmade) ?? throw new IOException($"{unmade} is there already");
        MappedFile? map = null;
        try
        {
            map = new MappedFile(file, length);
            directory.Rename(unmade, name);
            return new JournalSegment(journal, directory, name, file, length) { _live = 1, _map = map };
        }
        catch
        {
            map?.Dispose();
            file.Dispose();
            directory.Delete(unmade);
            throw;
        }
    }

    /// <summary>A file that an earlier process has left, with tasks that are still to be done.</summary>
    public static JournalSegment Adopt(TaskJournal journal, OwnedDirectory directory, string name, SafeFileHandle file, int tasks) =>
        new(journal, directory, name, file, (int)RandomAccess.GetLength(file)) { _live = tasks };

    /// <summary>Whether a name is that of a file whose process ended before it was complete.</summary>
    public static bool IsUnmade(string name) => name.EndsWith(JournalRecovery.Extension + UnmadeExtension, StringComparison.Ordinal);

    /// <summary>All bytes of the file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public byte[] ReadAll() => ReadAll(_file);

    /// <summary>All bytes of a file that is open.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadAll(SafeFileHandle file)
    {
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        int read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and var got)
            read += got;
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>The writer: records follow.</summary>
    public void Begin(byte[] header)
    {
        header.CopyTo(_map!.Bytes);
        End = header.Length;
    }

    /// <summary>The writer: room for a record, which must be there.</summary>
    public Span<byte> Reserve(int payload) => _map!.Bytes.Slice(End, JournalFormat.SizeOf(payload));

    /// <summary>The writer: the record that was put into the reserved room is complete.</summary>
    public void Publish(RecordKind kind, int payload)
    {
        JournalFormat.Seal(Reserve(payload), kind, payload);
        End += JournalFormat.SizeOf(payload);
        Volatile.Write(ref _isDirty, 1);
    }

    public void AddTask() => Interlocked.Increment(ref _live);

    /// <summary>Any thread, as the task's only holder: stores a task's state where the next process finds it.</summary>
    public void Mark(int position, long state)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, state);
        Write(bytes, position + JournalFormat.StateOffset);
    }

    /// <summary>The same for the number of times that recovery has begun a task.</summary>
    public void MarkRecoveries(int position, int count)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, count);
        Write(bytes, position + JournalFormat.RecoveriesOffset);
    }

    /// <summary>The writer: there will be no more records.</summary>
    public void Close()
    {
        _map?.Dispose();
        _map = null;
        ReleaseTask();
    }

    /// <summary>A task of this file is done with.</summary>
    public void ReleaseTask()
    {
        if (Interlocked.Decrement(ref _live) == 0)
            _journal.Retire(this);
    }

    public bool TrySync()
    {
        Volatile.Write(ref _isDirty, 0);
        return MappedFile.TrySync(_file);
    }

    /// <summary>Takes the file from the disk.</summary>
    public void Delete()
    {
        _file.Dispose();
        if (!_directory.Delete(_name))
            throw new IOException("it cannot be removed");
    }

    /// <summary>Lets go of the file, which stays for the next process.</summary>
    public void Dispose()
    {
        _map?.Dispose();
        _map = null;
        _file.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes, int position)
    {
        try
        {
            RandomAccess.Write(_file, bytes, position);
            Volatile.Write(ref _isDirty, 1);
        }
        catch (IOException e)
        {
            _journal.NoteError($"{Path}: {e.Message}");
        }
    }
}

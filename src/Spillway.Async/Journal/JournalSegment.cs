using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Spillway.Async.Native;

namespace Spillway.Async.Journal;

/// <summary>
/// One file of the journal. Its lane fills it through a mapping, which costs no system call; whoever ends a task notes that in place.
/// It is deleted when it takes no more records and all its tasks are struck.
/// </summary>
internal sealed class JournalSegment : IDisposable
{
    private readonly TaskJournal _journal;
    private readonly SafeFileHandle _file;
    private MappedFile? _map;
    private int _live;
    private int _isDirty;

    private JournalSegment(TaskJournal journal, string path, SafeFileHandle file, int length)
    {
        _journal = journal;
        _file = file;
        Path = path;
        Length = length;
    }

    public string Path { get; }

    /// <summary>Bytes on disk.</summary>
    public int Length { get; }

    /// <summary>Where the next record goes. The writer's alone.</summary>
    public int End { get; set; }

    /// <summary>Whether something was written since <see cref="TrySync"/> was called last.</summary>
    public bool IsDirty => Volatile.Read(ref _isDirty) != 0;

    /// <summary>Makes a new file with all its blocks, ready to be written.</summary>
    /// <exception cref="IOException">There is no room, or the directory cannot be written.</exception>
    public static JournalSegment Create(TaskJournal journal, string path, int length)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var map = new MappedFile(file, length);
            return new JournalSegment(journal, path, file, length) { _live = 1, _map = map };
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>A file that an earlier process has left, with tasks that are still to be done.</summary>
    public static JournalSegment Adopt(TaskJournal journal, string path, int tasks)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return new JournalSegment(journal, path, file, (int)RandomAccess.GetLength(file)) { _live = tasks };
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
        File.Delete(Path);
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

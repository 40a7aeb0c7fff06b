using System.Numerics;
using Spillway.Async.Native;

namespace Spillway.Async.Inspection;

/// <summary>
/// Tells the types of files by their content, as file(1) does (libmagic). A text takes milliseconds: nothing for the packet path. Belongs
/// to one thread.
/// </summary>
public sealed class FileTyper : IDisposable
{
    /// <summary>Files up to this size are remembered by their content; bigger ones are looked into each time.</summary>
    public const int MaxRememberedBytes = 1 << 20;

    private readonly MagicApi _api;
    private readonly TypeCache _known = new();
    private byte[] _content = [];
    private nint _cookie;

    /// <summary>Opens the database.</summary>
    /// <exception cref="IOException">The library or its database is missing.</exception>
    public FileTyper()
    {
        _api = MagicApi.Instance ?? throw new IOException(MagicApi.Reason);
        _cookie = _api.Open(out string error);
        if (_cookie == 0)
            throw new IOException($"libmagic cannot read its database ({error}): install it with `apt-get install libmagic-mgc`");
    }

    /// <summary>Frees what nobody disposed of.</summary>
    ~FileTyper() => Close();

    /// <summary>Why there is none to be had, with the remedy; null if there is.</summary>
    public static string? FindFlaw()
    {
        try
        {
            using var typer = new FileTyper();
            return null;
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Type of a regular file; null if it cannot be read. A link at its name is not followed.</summary>
    /// <param name="pathZ">Its path with a closing zero byte.</param>
    /// <param name="inWords">Whether the description in words is wanted too.</param>
    public FileType? OfFile(ReadOnlySpan<byte> pathZ, bool inWords = true)
    {
        int file = Libc.Open(Libc.CurrentDirectory, pathZ, Libc.ReadOnly | Libc.NoFollow | Libc.NonBlocking | Libc.NoTerminal);
        if (file < 0)
            return null;
        try
        {
            if (Libc.Stat(file, out FileStatus status) < 0 || !status.IsRegular)
                return null;
            if (status.Size == 0)
                return FileType.Empty;
            return TryRead(file, status.Size, out ReadOnlySpan<byte> content)
                ? _known.Of(content, inWords, (open, wanted) => Look(open, wanted), file)
                : Look(file, inWords);
        }
        finally
        {
            Libc.Close(file);
        }
    }

    /// <summary>Type of a file that begins with these bytes; null if the library fails.</summary>
    /// <param name="head">The bytes.</param>
    /// <param name="inWords">Whether the description in words is wanted too.</param>
    public FileType? OfBytes(ReadOnlySpan<byte> head, bool inWords = true)
    {
        if (head.IsEmpty)
            return FileType.Empty;
        string? words = inWords ? _api.Describe(_cookie, head, asMimeType: false) : "";
        return Of(words, _api.Describe(_cookie, head, asMimeType: true));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    private FileType? Look(int file, bool inWords)
    {
        string? words = inWords ? _api.Describe(_cookie, file, asMimeType: false) : "";
        return Of(words, _api.Describe(_cookie, file, asMimeType: true));
    }

    // All of a small file. One that is being changed is not remembered.
    private bool TryRead(int file, long size, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (size > MaxRememberedBytes)
            return false;
        if (_content.Length <= size)
            _content = new byte[Math.Max(64 << 10, (int)BitOperations.RoundUpToPowerOf2((uint)size + 1))];
        if (Libc.Read(file, _content.AsSpan(0, (int)size + 1), 0) != size)
            return false;
        content = _content.AsSpan(0, (int)size);
        return true;
    }

    private static FileType? Of(string? description, string? mimeType) =>
        description is null || mimeType is null ? null : new FileType(description, mimeType);

    private void Close()
    {
        if (_cookie != 0)
            _api.Close(_cookie);
        _cookie = 0;
    }
}

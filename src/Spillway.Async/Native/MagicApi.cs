using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>The functions of libmagic(3), by their addresses: the library may be missing.</summary>
internal sealed unsafe class MagicApi
{
    /// <summary>Names another file in place of the library.</summary>
    public const string Variable = "SPILLWAY_LIBMAGIC";

    private const int None = 0;
    private const int MimeType = 0x10;

    private static readonly Lazy<(MagicApi? Api, string? Reason)> Loaded = new(Load);

    private readonly delegate* unmanaged<int, nint> _open;
    private readonly delegate* unmanaged<nint, byte*, int> _load;
    private readonly delegate* unmanaged<nint, int, int> _setFlags;
    private readonly delegate* unmanaged<nint, int, byte*> _descriptor;
    private readonly delegate* unmanaged<nint, byte*, nuint, byte*> _buffer;
    private readonly delegate* unmanaged<nint, byte*> _error;
    private readonly delegate* unmanaged<nint, void> _close;

    private MagicApi(ReadOnlySpan<nint> functions)
    {
        _open = (delegate* unmanaged<int, nint>)functions[0];
        _load = (delegate* unmanaged<nint, byte*, int>)functions[1];
        _setFlags = (delegate* unmanaged<nint, int, int>)functions[2];
        _descriptor = (delegate* unmanaged<nint, int, byte*>)functions[3];
        _buffer = (delegate* unmanaged<nint, byte*, nuint, byte*>)functions[4];
        _error = (delegate* unmanaged<nint, byte*>)functions[5];
        _close = (delegate* unmanaged<nint, void>)functions[6];
    }

    /// <summary>The library; null if it is missing. Loaded with the first look. Any thread.</summary>
    public static MagicApi? Instance => Loaded.Value.Api;

    /// <summary>Why it is missing, with the remedy; null if it is not.</summary>
    public static string? Reason => Loaded.Value.Reason;

    /// <summary>Makes a cookie with the usual database; 0 if there is none, and <paramref name="error"/> says why.</summary>
    public nint Open(out string error)
    {
        error = "";
        nint cookie = _open(None);
        if (cookie == 0)
        {
            error = "out of memory";
            return 0;
        }

        if (_load(cookie, null) == 0)
            return cookie;
        error = Marshal.PtrToStringUTF8((nint)_error(cookie)) ?? "no database";
        _close(cookie);
        return 0;
    }

    /// <summary>Gives a cookie back.</summary>
    public void Close(nint cookie) => _close(cookie);

    /// <summary>What an open file is, in words or as a MIME type; null if it cannot be said.</summary>
    public string? Describe(nint cookie, int file, bool asMimeType)
    {
        _ = _setFlags(cookie, asMimeType ? MimeType : None);
        return Marshal.PtrToStringUTF8((nint)_descriptor(cookie, file));
    }

    /// <summary>The same of bytes.</summary>
    public string? Describe(nint cookie, ReadOnlySpan<byte> bytes, bool asMimeType)
    {
        _ = _setFlags(cookie, asMimeType ? MimeType : None);
        fixed (byte* first = bytes)
            return Marshal.PtrToStringUTF8((nint)_buffer(cookie, first, (nuint)bytes.Length));
    }

    private static (MagicApi?, string?) Load()
    {
        const string remedy = "install it with `apt-get install libmagic1`";
        if (!OptionalLibrary.TryLoad(Variable, ["libmagic.so.1"], out nint library))
            return (null, $"libmagic is missing: {remedy}");
        Span<nint> addresses = stackalloc nint[7];
        ReadOnlySpan<string> names =
        [
            "magic_open",
            "magic_load",
            "magic_setflags",
            "magic_descriptor",
            "magic_buffer",
            "magic_error",
            "magic_close",
        ];
        return OptionalLibrary.TryResolve(library, names, addresses, out string? missing)
            ? (new MagicApi(addresses), null)
            : (null, $"libmagic has no function {missing}: {remedy}");
    }
}

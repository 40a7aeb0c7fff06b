using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>Error numbers of Linux that decide something here; they are the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int PermissionDenied = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int BadFile = 9;
    public const int TryAgain = 11;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int NoSpace = 28;
    public const int NotImplemented = 38;
    public const int SymbolicLinkLoop = 40;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;

    /// <summary>Errors that may be gone a moment later, when files were closed or space was made.</summary>
    public static bool IsTransient(int errno) => errno is NoSpace or QuotaExceeded or InputOutput or TooManyFiles or TooManyFilesInSystem;

    /// <summary>The system's text, in the middle of a sentence: <c>no such file or directory</c>.</summary>
    public static string Describe(int errno)
    {
        string text = Marshal.GetPInvokeErrorMessage(errno);
        return text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }
}

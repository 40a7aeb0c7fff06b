namespace Spillway.Async.Files;

/// <summary>Why a file operation failed; the default value says that it did not.</summary>
internal readonly record struct FileError(int Errno, string? Reason = null)
{
    public bool IsNone => Errno == Native.Errno.None && Reason is null;

    public bool IsTransient => Native.Errno.IsTransient(Errno);

    /// <summary>The reason, as the end of a sentence.</summary>
    public string Text => Reason ?? Native.Errno.Describe(Errno);

    /// <summary>The error of the system call just made.</summary>
    public static FileError Last() => new(System.Runtime.InteropServices.Marshal.GetLastPInvokeError());

    /// <summary>The same error with something to add.</summary>
    public FileError With(string addition) => this with { Reason = $"{Text}; {addition}" };
}

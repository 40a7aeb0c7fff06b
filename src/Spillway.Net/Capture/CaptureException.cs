namespace Spillway.Net.Capture;

/// <summary>A capture could not be opened. The message is one line for the user: what is wrong, with which file, and the remedy.</summary>
public sealed class CaptureException : Exception
{
    /// <summary>Creates an exception with a message for the user.</summary>
    public CaptureException(string message)
        : base(message) { }

    /// <summary>Creates an exception with a message for the user and its cause.</summary>
    public CaptureException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>Creates an exception without a message.</summary>
    public CaptureException() { }
}

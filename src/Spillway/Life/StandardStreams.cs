using System.Text;
using Spillway.Life.Native;

namespace Spillway.Life;

/// <summary>
/// Standard output and error, whatever state they are in. A failure of standard output is an <see cref="OutputException"/> with a line for
/// the user; one of standard error is counted, since nobody could be told. A reader that closes its end of a pipe is no failure of either.
/// </summary>
internal static class StandardStreams
{
    private const int Streams = 3;

    private static long _lostWrites;

    /// <summary>Writes to standard error that did not arrive.</summary>
    public static long LostWrites => Volatile.Read(ref _lostWrites);

    /// <summary>
    /// Before anything is opened: where the program was started with a standard stream closed, its number would go to the next file. So it
    /// is occupied, and the program starts again, since the runtime may have taken the number already.
    /// </summary>
    public static void Secure()
    {
        bool isSecure = true;
        for (int descriptor = 0; descriptor < Streams; descriptor++)
        {
            if (ProcessCalls.IsInherited(descriptor))
                continue;
            ProcessCalls.Occupy(descriptor);
            isSecure = false;
        }

        if (!isSecure)
            ProcessCalls.ExecuteAgain();
    }

    /// <summary>Has <see cref="Console"/> write by way of this class.</summary>
    public static void Attach()
    {
        Console.SetOut(Writer(ToOutput(Console.OpenStandardOutput())));
        Console.SetError(Writer(OpenError()));
    }

    /// <summary>Standard output as bytes.</summary>
    public static Stream OpenOutput() => ToOutput(Console.OpenStandardOutput());

    /// <summary>A stream whose failures are those of standard output.</summary>
    public static Stream ToOutput(Stream stream) => new StandardStream(stream, Fail);

    /// <summary>Standard error as bytes: writing never fails.</summary>
    public static Stream OpenError() => new StandardStream(Console.OpenStandardError(), _ => Interlocked.Increment(ref _lostWrites));

    private static StreamWriter Writer(Stream stream) => new(stream, Encoding(), bufferSize: 256, leaveOpen: true) { AutoFlush = true };

    // As the locale wants it, without a mark at the beginning.
    private static Encoding Encoding() =>
        Console.OutputEncoding is { CodePage: not 65001 } encoding ? encoding : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private static void Fail(Exception exception) => throw new OutputException(exception);
}

/// <summary>Standard output cannot be written; the message says why.</summary>
internal sealed class OutputException(Exception cause)
    : IOException(cause is UnauthorizedAccessException ? "it is closed" : cause.Message.TrimEnd('.'), cause);

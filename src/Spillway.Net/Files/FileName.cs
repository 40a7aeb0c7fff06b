namespace Spillway.Net.Files;

/// <summary>
/// Names of extracted files, made from a host and a request target. Whatever a server sends, a name holds only letters, digits, '.', '_'
/// and '-', begins with neither '.' nor '-', and is at most <see cref="MaxBytes"/> long with its ".offset.part": it is safe in a shell
/// command.
/// </summary>
public static class FileName
{
    /// <summary>The longest name, the suffix of a chunk included.</summary>
    public const int MaxBytes = 200;

    private const int MaxHostBytes = 64;
    private const int MaxStemBytes = 40;
    private const int MaxRunBytes = 16;
    private const int MaxExtensionBytes = 10;

    /// <summary>
    /// Builds <c>host_stem_run-lane-flow-transaction.extension</c>. The numbers make it unique in a run, and the run's identity among runs:
    /// what a script keeps under this name never meets what another run has kept. A request's own body has an <c>r</c> behind the numbers.
    /// </summary>
    /// <param name="host">The host; may be empty.</param>
    /// <param name="target">The request target; its last path segment is used, without query.</param>
    /// <param name="run">The run's identity: letters and digits, at most 16.</param>
    /// <param name="lane">The lane's number.</param>
    /// <param name="flow">The flow's serial number in the lane.</param>
    /// <param name="transaction">The transaction's serial number in the flow.</param>
    /// <param name="isRequest">True for the body of the request.</param>
    public static string Create(
        ReadOnlySpan<byte> host,
        ReadOnlySpan<byte> target,
        ReadOnlySpan<byte> run,
        int lane,
        long flow,
        long transaction,
        bool isRequest
    )
    {
        Span<byte> buffer = stackalloc byte[MaxBytes];
        return System.Text.Encoding.ASCII.GetString(buffer[..Write(buffer, host, target, run, lane, flow, transaction, isRequest)]);
    }

    /// <summary>
    /// The same into a buffer of at least <see cref="MaxBytes"/>; returns the length. A part of a message has a <c>p</c> and its number,
    /// from 1, behind all numbers; a file joined of ranges has a <c>j</c>.
    /// </summary>
    public static int Write(
        Span<byte> buffer,
        ReadOnlySpan<byte> host,
        ReadOnlySpan<byte> target,
        ReadOnlySpan<byte> run,
        int lane,
        long flow,
        long transaction,
        bool isRequest,
        int part = 0,
        bool isJoined = false
    )
    {
        ReadOnlySpan<byte> last = LastSegment(target);
        ReadOnlySpan<byte> extension = Extension(last);
        ReadOnlySpan<byte> stem = last[..(last.Length - extension.Length)];

        int length = Append(buffer, 0, host.IsEmpty ? "nohost"u8 : host, MaxHostBytes);
        buffer[length++] = (byte)'_';
        length = Append(buffer, length, stem.IsEmpty ? "index"u8 : stem, MaxStemBytes);
        buffer[length++] = (byte)'_';
        if (!run.IsEmpty)
        {
            length = Append(buffer, length, run, MaxRunBytes);
            buffer[length++] = (byte)'-';
        }

        length = Append(buffer, length, lane);
        buffer[length++] = (byte)'-';
        length = Append(buffer, length, flow);
        buffer[length++] = (byte)'-';
        length = Append(buffer, length, transaction);
        if (isRequest)
            buffer[length++] = (byte)'r';
        if (part > 0)
        {
            buffer[length++] = (byte)'p';
            length = Append(buffer, length, part);
        }

        if (isJoined)
            buffer[length++] = (byte)'j';

        length = Append(buffer, length, extension, extension.Length);

        if (buffer[0] is (byte)'.' or (byte)'-')
            buffer[0] = (byte)'_';
        return length;
    }

    private static ReadOnlySpan<byte> LastSegment(ReadOnlySpan<byte> target)
    {
        int end = target.IndexOfAny((byte)'?', (byte)'#');
        if (end >= 0)
            target = target[..end];
        target = target.TrimEnd((byte)'/');
        return target[(target.LastIndexOf((byte)'/') + 1)..];
    }

    // With its dot; empty unless it is a short word.
    private static ReadOnlySpan<byte> Extension(ReadOnlySpan<byte> name)
    {
        int dot = name.LastIndexOf((byte)'.');
        if (dot < 0 || dot == name.Length - 1 || name.Length - dot - 1 > MaxExtensionBytes)
            return default;

        foreach (byte b in name[(dot + 1)..])
        {
            if (!char.IsAsciiLetterOrDigit((char)b))
                return default;
        }

        return name[dot..];
    }

    private static int Append(Span<byte> buffer, int length, ReadOnlySpan<byte> text, int limit)
    {
        foreach (byte b in text[..Math.Min(text.Length, limit)])
            buffer[length++] = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'_' or (byte)'-' ? b : (byte)'_';
        return length;
    }

    private static int Append(Span<byte> buffer, int length, long number)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat((ulong)number, buffer[length..], out int written);
        return length + written;
    }
}

namespace Spillway.Net.Files;

/// <summary>
/// The first bytes of files of which one wants to know what they are whatever a server calls them: programs, scripts, archives, documents.
/// A few comparisons, for the packet path; what such a file really is, its content decides.
/// </summary>
public static class FileSignatures
{
    /// <summary>Whether a file may be one of these.</summary>
    /// <param name="head">Its first bytes.</param>
    public static bool IsNotable(ReadOnlySpan<byte> head) => IsProgram(head) || IsArchive(head) || IsDocument(head);

    // Windows and DOS; ELF; Mach-O in both byte orders, and several in one, as classes of Java begin too; Android; scripts with a line that
    // names their interpreter.
    private static bool IsProgram(ReadOnlySpan<byte> head) =>
        head
            is [(byte)'M', (byte)'Z', ..]
                or [0x7F, (byte)'E', (byte)'L', (byte)'F', ..]
                or [0xCA, 0xFE, 0xBA, 0xBE, ..]
                or [0xFE, 0xED, 0xFA, 0xCE or 0xCF, ..]
                or [0xCE or 0xCF, 0xFA, 0xED, 0xFE, ..]
                or [(byte)'d', (byte)'e', (byte)'x', (byte)'\n', ..]
                or [(byte)'#', (byte)'!', ..];

    // ZIP and all that is made of it, RAR, 7z, gzip, bzip2, xz, Zstandard, cabinets.
    private static bool IsArchive(ReadOnlySpan<byte> head) =>
        head
            is [(byte)'P', (byte)'K', ..]
                or [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..]
                or [(byte)'7', (byte)'z', 0xBC, 0xAF, ..]
                or [0x1F, 0x8B, ..]
                or [(byte)'B', (byte)'Z', (byte)'h', ..]
                or [0xFD, (byte)'7', (byte)'z', (byte)'X', ..]
                or [0x28, 0xB5, 0x2F, 0xFD, ..]
                or [(byte)'M', (byte)'S', (byte)'C', (byte)'F', ..];

    // PDF, RTF, and older documents of Office and installers.
    private static bool IsDocument(ReadOnlySpan<byte> head) =>
        head
            is [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..]
                or [(byte)'{', (byte)'\\', (byte)'r', (byte)'t', ..]
                or [0xD0, 0xCF, 0x11, 0xE0, ..];
}

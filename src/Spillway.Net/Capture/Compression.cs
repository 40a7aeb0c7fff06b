namespace Spillway.Net.Capture;

/// <summary>A compression that a program undoes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Program">The program that undoes it with <c>-dc</c>.</param>
/// <param name="Package">The package of Debian that has the program.</param>
internal sealed record Compression(string Name, string Program, string Package)
{
    /// <summary>The compression that a file begins as; null for none of these.</summary>
    public static Compression? Of(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? new("zstd", "zstd", "zstd")
        : head.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? new("xz", "xz", "xz-utils")
        : head.StartsWith("BZh"u8) ? new("bzip2", "bzip2", "bzip2")
        : head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4d, 0x18]) ? new("lz4", "lz4", "lz4")
        : null;
}

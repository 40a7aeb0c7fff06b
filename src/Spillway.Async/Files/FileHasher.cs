using System.Security.Cryptography;
using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <summary>
/// Hashes files, for one worker, by the platform's own implementation. Its states and its buffer are made once and live as long as it.
/// </summary>
internal sealed class FileHasher
{
    private const int BufferSize = 256 << 10;

    private readonly IncrementalHash?[] _states = new IncrementalHash?[3];
    private byte[]? _buffer;

    /// <summary>Whether there is such an algorithm.</summary>
    public static bool Knows(ReadOnlySpan<byte> algorithm) => Find(algorithm) >= 0;

    /// <summary>Hashes an open file from its start.</summary>
    /// <param name="digits">Where the digest goes, in lower-case hexadecimal; at least 64 bytes.</param>
    /// <param name="length">How many digits.</param>
    public FileError Hash(int file, ReadOnlySpan<byte> algorithm, Span<byte> digits, out int length)
    {
        length = 0;
        IncrementalHash state = StateOf(Find(algorithm));
        _buffer ??= GC.AllocateUninitializedArray<byte>(BufferSize);
        Span<byte> digest = stackalloc byte[64];
        for (long offset = 0; ; )
        {
            nint read = Libc.Read(file, _buffer, offset);
            if (read > 0)
            {
                state.AppendData(_buffer, 0, (int)read);
                offset += read;
                continue;
            }

            FileError error = read == 0 ? default : FileError.Last();
            if (error.Errno == Errno.Interrupted)
                continue;
            int bytes = state.GetHashAndReset(digest);
            if (error.IsNone)
                Convert.TryToHexStringLower(digest[..bytes], digits, out length);
            return error;
        }
    }

    private static int Find(ReadOnlySpan<byte> algorithm) =>
        algorithm.SequenceEqual("md5"u8) ? 0
        : algorithm.SequenceEqual("sha1"u8) ? 1
        : algorithm.SequenceEqual("sha256"u8) ? 2
        : -1;

    private IncrementalHash StateOf(int index) =>
        _states[index] ??= IncrementalHash.CreateHash(
            index switch
            {
                0 => HashAlgorithmName.MD5,
                1 => HashAlgorithmName.SHA1,
                _ => HashAlgorithmName.SHA256,
            }
        );
}

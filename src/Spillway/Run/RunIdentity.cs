using System.Security.Cryptography;
using System.Text;

namespace Spillway.Run;

/// <summary>
/// What the names of a run's extracted files have in common, and no other run's: scripts keep files under these names in places that many
/// runs share. Ten characters of base 32, 50 bits.
/// </summary>
internal static class RunIdentity
{
    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 10;
    private const int HeadBytes = 64 << 10;

    /// <summary>Drawn by lot; of a deterministic run made of what it reads, so that the same input has the same names.</summary>
    public static string Of(RunOptions options) =>
        options.Deterministic ? OfInput(options) : RandomNumberGenerator.GetString(Digits, Length);

    // By content, not by path: a copy of a capture is the same input. What cannot be read is reported when the run opens it.
    private static string OfInput(RunOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(options.Filter ?? ""));
        byte[] head = new byte[HeadBytes];
        foreach (string source in options.Sources)
        {
            try
            {
                if (source == "-" || !File.Exists(source) || (File.GetAttributes(source) & FileAttributes.Device) != 0)
                    continue;
                using FileStream file = File.OpenRead(source);
                if (!file.CanSeek)
                    continue;
                hash.AppendData(BitConverter.GetBytes(file.Length));
                hash.AppendData(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException) { }
        }

        byte[] digest = hash.GetHashAndReset();
        return string.Create(
            Length,
            digest,
            static (text, digest) =>
            {
                for (int i = 0; i < text.Length; i++)
                    text[i] = Digits[digest[i] & 31];
            }
        );
    }
}

using System.Security.Cryptography;

namespace Spillway.Net.Files;

/// <summary>The hashes of one content that comes in pieces. Reusable after <see cref="Finish"/>.</summary>
internal sealed class ContentHasher : IDisposable
{
    private static readonly byte[] Zeros = new byte[4096];

    private readonly IncrementalHash? _md5;
    private readonly IncrementalHash? _sha1;
    private readonly IncrementalHash? _sha256;

    public ContentHasher(ContentHashes hashes)
    {
        Hashes = hashes;
        _md5 = hashes.HasFlag(ContentHashes.Md5) ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        _sha1 = hashes.HasFlag(ContentHashes.Sha1) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
        _sha256 = hashes.HasFlag(ContentHashes.Sha256) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>The hashes that are taken.</summary>
    public ContentHashes Hashes { get; }

    public void Append(ReadOnlySpan<byte> data)
    {
        _md5?.AppendData(data);
        _sha1?.AppendData(data);
        _sha256?.AppendData(data);
    }

    public void AppendZeros(long length)
    {
        for (; length > 0; length -= Zeros.Length)
            Append(Zeros.AsSpan(0, (int)Math.Min(length, Zeros.Length)));
    }

    /// <summary>The hashes of all that was appended; starts afresh.</summary>
    public ContentDigest Finish() => new(_md5?.GetHashAndReset(), _sha1?.GetHashAndReset(), _sha256?.GetHashAndReset());

    /// <summary>The hashes of a content that is there as a whole, which is the usual case and needs no state.</summary>
    public static ContentDigest Compute(ContentHashes hashes, ReadOnlySpan<byte> data) =>
        new(
            hashes.HasFlag(ContentHashes.Md5) ? MD5.HashData(data) : null,
            hashes.HasFlag(ContentHashes.Sha1) ? SHA1.HashData(data) : null,
            hashes.HasFlag(ContentHashes.Sha256) ? SHA256.HashData(data) : null
        );

    public void Dispose()
    {
        _md5?.Dispose();
        _sha1?.Dispose();
        _sha256?.Dispose();
    }
}

/// <summary>Hashes of a content; those that were not asked for are null.</summary>
public readonly record struct ContentDigest(byte[]? Md5, byte[]? Sha1, byte[]? Sha256);

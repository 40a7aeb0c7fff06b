using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Spillway.Async.Inspection;

/// <summary>
/// Types of contents that were looked into before. A network carries the same files over and over, and a digest costs a tenth to a
/// hundredth of what libmagic does. The digest is one that nobody finds collisions of: else a harmless content could be made to lend its
/// type to another. Belongs to one thread.
/// </summary>
internal sealed class TypeCache
{
    /// <summary>Contents that are remembered; the one that came first is forgotten.</summary>
    public const int MaxEntries = 4096;

    private readonly Dictionary<Key, FileType> _types = [];
    private readonly Queue<Key> _byAge = [];

    /// <summary>The type of a content, from memory or by looking.</summary>
    /// <param name="content">All of it.</param>
    /// <param name="inWords">Whether the description is wanted too.</param>
    /// <param name="look">Looks into it; null if that fails, which is not remembered.</param>
    /// <param name="state">What it needs for that.</param>
    public FileType? Of<TState>(ReadOnlySpan<byte> content, bool inWords, Func<TState, bool, FileType?> look, TState state)
    {
        Key key = KeyOf(content, inWords);
        if (_types.TryGetValue(key, out FileType known))
            return known;
        if (look(state, inWords) is not { } type)
            return null;
        if (_byAge.Count == MaxEntries)
            _types.Remove(_byAge.Dequeue());
        _types.Add(key, type);
        _byAge.Enqueue(key);
        return type;
    }

    private static Key KeyOf(ReadOnlySpan<byte> content, bool inWords)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, digest);
        return new Key(BinaryPrimitives.ReadUInt128LittleEndian(digest), inWords);
    }

    private readonly record struct Key(UInt128 Digest, bool InWords);
}

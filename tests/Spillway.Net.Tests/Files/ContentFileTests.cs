using System.Security.Cryptography;
using System.Text;
using Spillway.Net.Files;

namespace Spillway.Net.Tests.Files;

public sealed class ContentFileTests : IDisposable
{
    private readonly TemporaryRoot _root = new();
    private readonly RamDirectory _directory;
    private FileCollector _files = new();

    public ContentFileTests()
    {
        _directory = RamDirectory.Open(_root.Path, 8 << 20);
    }

    public void Dispose()
    {
        _directory.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65536)]
    [InlineData(300_000)]
    public void End_OneFile_HoldsTheContentUnderItsNameWithItsHashes(int length)
    {
        byte[] content = Content(length);
        ContentFiles factory = new(
            _directory,
            new ContentFileOptions { Hashes = ContentHashes.Md5 | ContentHashes.Sha1 | ContentHashes.Sha256 }
        );
        ContentFile file = factory.Create("name.bin"u8);

        ContentFileStatus status = Store(file, content, 1460);

        Assert.Equal(ContentFileStatus.Good, status);
        (ExtractedFile extracted, FilePiece piece) = Assert.Single(_files.Files);
        Assert.Equal(new FilePiece(0, length, false, true), piece);
        Assert.Equal(Path.Combine(_directory.Path, "name.bin"), extracted.Path);
        Assert.Equal(extracted.Path, Encoding.UTF8.GetString(file.PathUtf8));
        Assert.Equal(content, File.ReadAllBytes(extracted.Path));
        Assert.Equal(MD5.HashData(content), file.Digest.Md5);
        Assert.Equal(SHA1.HashData(content), file.Digest.Sha1);
        Assert.Equal(SHA256.HashData(content), file.Digest.Sha256);
    }

    [Theory]
    [InlineData(4096, 1)]
    [InlineData(4097, 2)]
    [InlineData(8192, 2)]
    [InlineData(20_000, 5)]
    public void End_LongerThanAChunk_BecomesPartsWithTheirOffsets(int length, int parts)
    {
        byte[] content = Content(length);
        ContentFiles factory = new(_directory, new ContentFileOptions { ChunkBytes = 4096, Hashes = ContentHashes.Sha1 });
        ContentFile file = factory.Create("big"u8);

        Store(file, content, 999);

        Assert.Equal(parts, _files.Files.Count);
        List<byte> joined = [];
        foreach ((ExtractedFile extracted, FilePiece piece) in _files.Files)
        {
            Assert.Equal(joined.Count, piece.Offset);
            Assert.Equal(parts > 1, piece.IsChunk);
            Assert.Equal(parts > 1 ? $"big.{piece.Offset}.part" : "big", Path.GetFileName(extracted.Path));
            joined.AddRange(File.ReadAllBytes(extracted.Path));
            Assert.Equal(joined.Count == length, piece.IsLast);
        }

        Assert.Equal(content, joined);
        Assert.Equal(SHA1.HashData(content), file.Digest.Sha1);
        Assert.Equal(parts, Directory.GetFiles(_directory.Path).Length);
    }

    [Fact]
    public void Write_FirstChunkFull_IsHandedOverOnlyWhenASecondBegins()
    {
        ContentFile file = new ContentFiles(_directory, new ContentFileOptions { ChunkBytes = 4096 }).Create("c"u8);

        file.Write(0, new byte[4096], ref _files);
        Assert.Empty(_files.Files);
        file.Write(4096, new byte[1], ref _files);

        Assert.Equal(new FilePiece(0, 4096, true, false), Assert.Single(_files.Files).Piece);
    }

    [Fact]
    public void Write_Hole_IsZerosInTheFileAndCounted()
    {
        ContentFile file = new ContentFiles(_directory, new ContentFileOptions { ChunkBytes = 4096, Hashes = ContentHashes.Sha1 }).Create(
            "h"u8
        );

        file.Write(0, Content(10), ref _files);
        file.Write(9000, Content(10), ref _files);
        file.End(ref _files);

        byte[] expected = [.. Content(10), .. new byte[8990], .. Content(10)];
        Assert.Equal(expected, _files.Files.SelectMany(f => File.ReadAllBytes(f.File.Path)));
        Assert.Equal(8990, file.HoleBytes);
        Assert.Equal(SHA1.HashData(expected), file.Digest.Sha1);
    }

    [Theory]
    [InlineData(10 + 5000, 10 + 5000)]
    [InlineData(10, 10)]
    [InlineData(10 + 5001, 10)]
    public void Extend_ToALength_AddsZerosWithinTheLimit(int length, int expected)
    {
        ContentFile file = new ContentFiles(
            _directory,
            new ContentFileOptions
            {
                ChunkBytes = 4096,
                MaxHoleBytes = 5000,
                Hashes = ContentHashes.Sha1,
            }
        ).Create("h"u8);

        file.Write(0, Content(10), ref _files);
        file.Extend(length, ref _files);

        Assert.Equal(ContentFileStatus.Good, file.End(ref _files));
        byte[] content = [.. Content(10), .. new byte[expected - 10]];
        Assert.Equal(content, _files.Files.SelectMany(f => File.ReadAllBytes(f.File.Path)));
        Assert.Equal((expected, expected - 10), (file.Length, file.HoleBytes));
        Assert.Equal(SHA1.HashData(content), file.Digest.Sha1);
    }

    [Fact]
    public void Write_HoleOverTheLimit_CutsTheContentThere()
    {
        ContentFile file = new ContentFiles(_directory, new ContentFileOptions { MaxHoleBytes = 100, Hashes = ContentHashes.Sha1 }).Create(
            "h"u8
        );

        file.Write(0, Content(10), ref _files);
        file.Write(1L << 40, Content(10), ref _files);
        file.Write((1L << 40) + 10, Content(10), ref _files);

        Assert.Equal(ContentFileStatus.HoleTooLarge, file.End(ref _files));
        Assert.Equal(10, new FileInfo(Assert.Single(_files.Files).File.Path).Length);
        Assert.Null(file.Digest.Sha1);
        Assert.Equal(1, _directory.Statistics.RefusedHole);
    }

    [Fact]
    public void Write_DirectoryFull_RefusesTheFileAndGivesItsBytesBack()
    {
        byte[] content = Content(1 << 20);
        ContentFiles factory = new(_directory, new ContentFileOptions { Hashes = ContentHashes.Sha1 });
        for (int i = 0; i < 7; i++)
            Store(factory.Create(Encoding.ASCII.GetBytes($"f{i}")), content, 8000);
        long used = _directory.BytesInUse;

        ContentFile tooMuch = factory.Create("more"u8);
        ContentFileStatus status = Store(tooMuch, Content(2 << 20), 8000);

        Assert.Equal(ContentFileStatus.DirectoryFull, status);
        Assert.Equal(used, _directory.BytesInUse);
        Assert.Equal(7, _files.Files.Count);
        Assert.Equal(7, Directory.GetFiles(_directory.Path).Length);
        Assert.Equal(1, _directory.Statistics.RefusedFull);
        Assert.Equal(SHA1.HashData(Content(2 << 20)), tooMuch.Digest.Sha1);

        _files.ReleaseAll();
        Assert.Equal(0, _directory.BytesInUse);
        Assert.Equal(ContentFileStatus.Good, Store(factory.Create("again"u8), content, 8000));
    }

    [Fact]
    public void Write_DirectoryRemovedByOthers_IsAnErrorOfTheContentOnly()
    {
        ContentFile file = new ContentFiles(_directory).Create("x"u8);
        Directory.Delete(_directory.Path);

        file.Write(0, Content(100_000), ref _files);

        Assert.Equal(ContentFileStatus.Error, file.End(ref _files));
        Assert.Empty(_files.Files);
        Assert.Equal(0, _directory.BytesInUse);
        Assert.Equal(1, _directory.Statistics.Failed);
    }

    [Fact]
    public void End_NotStoring_HashesAndWritesNothing()
    {
        byte[] content = Content(200_000);
        ContentFiles factory = new(_directory, new ContentFileOptions { Stores = false, Hashes = ContentHashes.Sha1 });
        ContentFile file = factory.Create("x"u8);

        Assert.Equal(ContentFileStatus.Good, Store(file, content, 1460));
        Assert.Equal(SHA1.HashData(content), file.Digest.Sha1);
        Assert.Empty(_files.Files);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Abandon_HalfWritten_LeavesNothing()
    {
        ContentFile file = new ContentFiles(_directory).Create("x"u8);
        file.Write(0, Content(100_000), ref _files);

        file.Abandon();

        Assert.Empty(Directory.GetFiles(_directory.Path));
        Assert.Equal(0, _directory.BytesInUse);
    }

    [Fact]
    public void Write_ManyContentsAtOnce_KeepsBuffersUnderTheirLimit()
    {
        ContentFiles factory = new(_directory, new ContentFileOptions { MaxBufferBytes = 256 << 10 });
        ContentFile[] open = [.. Enumerable.Range(0, 50).Select(i => factory.Create(Encoding.ASCII.GetBytes($"m{i}")))];
        byte[] content = Content(20_000);
        for (int at = 0; at < content.Length; at += 1000)
        {
            foreach (ContentFile file in open)
                file.Write(at, content.AsSpan(at, 1000), ref _files);
        }

        foreach (ContentFile file in open)
            Assert.Equal(ContentFileStatus.Good, file.End(ref _files));

        Assert.Equal(50, _files.Files.Count);
        Assert.All(_files.Files, f => Assert.Equal(content, File.ReadAllBytes(f.File.Path)));
    }

    private static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private ContentFileStatus Store(ContentFile file, byte[] content, int step)
    {
        for (int at = 0; at < content.Length; at += step)
            file.Write(at, content.AsSpan(at, Math.Min(step, content.Length - at)), ref _files);
        return file.End(ref _files);
    }
}

using System.Security.Cryptography;
using Spillway.Net.Files;

namespace Spillway.Net.Tests.Files;

public sealed class PiecedFileTests : IDisposable
{
    private readonly TemporaryRoot _root = new();
    private readonly RamDirectory _directory;
    private readonly PieceBudget _budget;

    public PiecedFileTests()
    {
        _directory = RamDirectory.Open(_root.Path, 8 << 20);
        _budget = new PieceBudget(_directory, 1 << 20);
    }

    public void Dispose()
    {
        _directory.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void Write_PiecesInAnyOrderAndOverlapping_MakeTheFile()
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
#pragma warning disable CA5394 // repeatable, not secret
        var random = new Random(seed);
        for (int round = 0; round < 50; round++)
        {
            byte[] content = new byte[random.Next(1, 100_000)];
            random.NextBytes(content);
            using var file = new PiecedFile(_budget, content.Length);
            var missing = new HashSet<int>(Enumerable.Range(0, content.Length));
            while (missing.Count > 0)
            {
                // At random, and sometimes what is missing first, so that there is an end.
                int begin = random.Next(3) > 0 ? random.Next(content.Length) : missing.Min();
                int length = random.Next(1, Math.Min(content.Length - begin, 1 + (content.Length / 7)) + 1);
                Assert.Equal(PieceStatus.Good, file.Write(begin, content.AsSpan(begin, length)));
                missing.ExceptWith(Enumerable.Range(begin, length));
                Assert.True(file.IsComplete == (missing.Count == 0), $"seed {seed}");
            }

            byte[] read = new byte[content.Length];
            Assert.True(file.TryRead(0, read));
            Assert.True(content.AsSpan().SequenceEqual(read), $"seed {seed}");
        }
#pragma warning restore CA5394

        Assert.Equal((0, 0), (_budget.Bytes, _directory.BytesInUse));
    }

    [Fact]
    public void Write_OtherBytesInAPlace_IsAConflict()
    {
        using var file = new PiecedFile(_budget, 10);

        Assert.Equal(PieceStatus.Good, file.Write(2, "abcd"u8));
        Assert.Equal(PieceStatus.Good, file.Write(0, "xyab"u8));
        Assert.Equal(PieceStatus.Conflict, file.Write(4, "cXefgh"u8));
    }

    [Fact]
    public void Write_PiecesApart_AreLimited()
    {
        using var file = new PiecedFile(new PieceBudget(_directory, long.MaxValue), 2 * PiecedFile.MaxPieces * 4096L);
        int written = 0;
        PieceStatus status;
        while ((status = file.Write(written * 2L, [1])) == PieceStatus.Good)
            written++;

        // The quarter of the directory is used up before the number.
        Assert.Equal(PieceStatus.NoRoom, status);
        Assert.InRange(written, 200, 300);
        file.Dispose();
        using var roomy = RamDirectory.Open(_root.Path, 1 << 30);
        using var larger = new PiecedFile(new PieceBudget(roomy, long.MaxValue), 1 << 20);
        for (int i = 0; i < PiecedFile.MaxPieces; i++)
            Assert.Equal(PieceStatus.Good, larger.Write(i * 2L, [1]));
        Assert.Equal(PieceStatus.Good, larger.Write(1, [1])); // joins two
        Assert.Equal(PieceStatus.Good, larger.Write(PiecedFile.MaxPieces * 2L, [1]));
        Assert.Equal(PieceStatus.TooManyPieces, larger.Write((PiecedFile.MaxPieces * 2L) + 2, [1]));
    }

    [Fact]
    public void Write_BeyondTheBudget_IsRefusedAndGivenBack()
    {
        var file = new PiecedFile(_budget, 2 << 20);

        Assert.Equal(PieceStatus.Good, file.Write(0, new byte[512 << 10]));
        Assert.Equal(PieceStatus.NoRoom, file.Write(512 << 10, new byte[768 << 10]));
        file.Dispose();
        Assert.Equal((0, 0), (_budget.Bytes, _directory.BytesInUse));
    }

    [Fact]
    public void Write_WhileFilesFillHalfOfTheDirectory_IsRefused()
    {
        using var file = new PiecedFile(_budget, 1 << 20);
        Assert.True(_directory.TryReserve(5 << 20));
        Assert.Equal(PieceStatus.NoRoom, file.Write(0, new byte[64 << 10]));
        _directory.GiveBack(5 << 20);

        using var later = new PiecedFile(_budget, 1 << 20);
        Assert.Equal(PieceStatus.Good, later.Write(0, new byte[64 << 10]));
    }

    [Fact]
    public void File_HasNoNameInTheDirectory()
    {
        using var file = new PiecedFile(_budget, 10);
        file.Write(0, "abc"u8);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }
}

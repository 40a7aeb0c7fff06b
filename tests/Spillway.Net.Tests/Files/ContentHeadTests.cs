using Spillway.Net.Files;

namespace Spillway.Net.Tests.Files;

/// <summary>The first bytes of a content are there at its end, whatever way the content came.</summary>
public sealed class ContentHeadTests : IDisposable
{
    private const int Most = ContentFiles.LargeBufferBytes;

    private readonly TemporaryRoot _root = new();
    private readonly RamDirectory _directory;
    private readonly HeadCollector _handler = new();

    public ContentHeadTests() => _directory = RamDirectory.Open(_root.Path, 8 << 20);

    public void Dispose()
    {
        _directory.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData(0, 1460)]
    [InlineData(1, 1460)]
    [InlineData(4096, 1460)]
    [InlineData(4097, 1460)]
    [InlineData(Most, 1460)]
    [InlineData(Most + 1, 1460)]
    [InlineData(300_000, 1460)]
    [InlineData(300_000, 200_000)]
    [InlineData(100_000, 70_000)]
    public void Head_WhateverTheLength_IsTheBeginning(int length, int step)
    {
        byte[] content = Content(length);
        ContentFile file = Create();
        for (int at = 0; at < length; at += step)
            Write(file, at, content.AsSpan(at, Math.Min(step, length - at)));
        End(file);

        Assert.Equal(content[..Math.Min(length, Most)], Assert.Single(_handler.Heads));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(3000, 100)]
    [InlineData(10_000, 5_000)]
    [InlineData(10_000, 2 << 20)]
    public void Head_WithAHole_EndsThere(int before, int hole)
    {
        byte[] content = Content(before);
        ContentFile file = Create();
        Write(file, 0, content);
        Write(file, before + hole, Content(8_000));
        End(file);

        Assert.Equal(content, Assert.Single(_handler.Heads));
    }

    [Fact]
    public void Head_NotKept_IsNotShown()
    {
        ContentFile file = new ContentFiles(_directory, new ContentFileOptions { Stores = false }).Create("name"u8);
        Write(file, 0, Content(10));
        End(file);

        Assert.Empty(_handler.Heads);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void Head_OfNotableContentsOnly_IsShownOfThose(int length)
    {
        byte[] program = [.. "MZ"u8, .. Content(length)];
        foreach (byte[] content in (byte[][])[Content(length), program, [.. "text"u8, .. Content(length)]])
        {
            ContentFile file = new ContentFiles(_directory, new ContentFileOptions { Stores = false, Heads = ContentHeads.Notable }).Create(
                "name"u8
            );
            Write(file, 0, content);
            End(file);
            Assert.Equal(content == program, file.IsNotable);
        }

        Assert.Equal(program[..Math.Min(program.Length, Most)], Assert.Single(_handler.Heads));
    }

    [Fact]
    public void Notable_BehindAHoleAtTheBeginning_IsNoBeginning()
    {
        ContentFile file = Create();
        Write(file, 5, "MZ and more"u8);
        End(file);

        Assert.False(file.IsNotable);
    }

    [Theory]
    [InlineData("4D5A9000", true)]
    [InlineData("7F454C4602", true)]
    [InlineData("CFFAEDFE07", true)]
    [InlineData("504B0304", true)]
    [InlineData("526172211A07", true)]
    [InlineData("1F8B08", true)]
    [InlineData("D0CF11E0", true)]
    [InlineData("255044462D", true)]
    [InlineData("2321", true)]
    [InlineData("4D", false)]
    [InlineData("", false)]
    [InlineData("3C68746D6C", false)]
    [InlineData("FFD8FFE0", false)]
    [InlineData("7F454C", false)]
    public void Signature_OfPrograms_ScriptsArchivesAndDocuments_IsKnown(string head, bool expected) =>
        Assert.Equal(expected, FileSignatures.IsNotable(Convert.FromHexString(head)));

    [Fact]
    public void Head_ContentAfterContent_HasItsOwn()
    {
        ContentFiles files = Files();
        for (int seed = 1; seed <= 3; seed++)
        {
            ContentFile file = files.Create("name"u8);
            Write(file, 0, Content(80_000, seed));
            End(file);
        }

        Assert.Equal(
            [.. Enumerable.Range(1, 3).Select(seed => Convert.ToHexString(Content(80_000, seed).AsSpan(0, Most)))],
            _handler.Heads.Select(Convert.ToHexString)
        );
    }

    private ContentFiles Files() => new(_directory, new ContentFileOptions { Stores = false, Heads = ContentHeads.All });

    private ContentFile Create() => Files().Create("name"u8);

    private void Write(ContentFile file, long offset, ReadOnlySpan<byte> data)
    {
        HeadCollector handler = _handler;
        file.Write(offset, data, ref handler);
    }

    private void End(ContentFile file)
    {
        HeadCollector handler = _handler;
        file.End(ref handler);
    }

    private static byte[] Content(int length, int seed = 1)
    {
        byte[] content = new byte[length];
#pragma warning disable CA5394 // repeatable, not secret
        new Random(seed).NextBytes(content);
#pragma warning restore CA5394
        return content;
    }

    private sealed class HeadCollector : IContentFileHandler
    {
        public List<byte[]> Heads { get; } = [];

        public void OnFile(ContentFile content, ExtractedFile file, in FilePiece piece) => file.Release();

        public void OnHead(ContentFile content, ReadOnlySpan<byte> head) => Heads.Add(head.ToArray());
    }
}

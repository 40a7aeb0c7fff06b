using Spillway.Async;
using Spillway.Net.Files;
using Spillway.Pipeline;

namespace Spillway.Tests.Pipeline;

/// <summary>Files that wait for a look give way to files that come, when packets cannot wait.</summary>
public sealed class InspectionPoolTests : IDisposable
{
    private const int Capacity = 1 << 20;

    private readonly string _root = Directory.CreateTempSubdirectory("spillway-looks-").FullName;
    private readonly RamDirectory _files;
    private readonly AsyncRuntime _async = new(new AsyncOptions());

    public InspectionPoolTests() => _files = RamDirectory.Open(_root, Capacity);

    public void Dispose()
    {
        _async.Dispose();
        _files.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(true, Capacity / 4, true)]
    [InlineData(true, Capacity / 4 * 3, false)]
    [InlineData(false, Capacity / 4 * 3, true)]
    public void HasRoom_LiveWithHalfOfTheDirectoryFull_IsFalse(bool isLive, int bytes, bool expected)
    {
        var pool = new InspectionPool(_async, new InspectionOptions(), _files, lanes: 1, isLive);
        Assert.True(pool.HasRoom);
        var handler = new Ignoring();
        new ContentFiles(_files).Create("file"u8).Write(0, new byte[bytes], ref handler);

        Assert.Equal(expected, pool.HasRoom);
    }

    private struct Ignoring : IContentFileHandler
    {
        public readonly void OnFile(ContentFile content, ExtractedFile file, in FilePiece piece) { }
    }
}

using Spillway.Net.Files;

namespace Spillway.Net.Tests.Files;

/// <summary>Keeps the files that it gets, with their references.</summary>
internal sealed class FileCollector : IContentFileHandler
{
    public List<(ExtractedFile File, FilePiece Piece)> Files { get; } = [];

    public void OnFile(ContentFile content, ExtractedFile file, in FilePiece piece) => Files.Add((file, piece));

    public void ReleaseAll()
    {
        foreach ((ExtractedFile file, _) in Files)
            file.Release();
        Files.Clear();
    }
}

/// <summary>A root of its own for a test, in the temporary directory.</summary>
internal sealed class TemporaryRoot : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("spillway-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

using System.Text;
using Spillway.Async.Inspection;

namespace Spillway.Async.Tests;

/// <summary>Types of files by their content, with the real libmagic.</summary>
public sealed class FileTyperTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-types-").FullName;

    public FileTyperTests() => Assert.SkipWhen(FileTyper.FindFlaw() is not null, FileTyper.FindFlaw() ?? "");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void OfBytes_KnownContents_AreNamed()
    {
        using var typer = new FileTyper();

        Assert.Equal("application/pdf", typer.OfBytes("%PDF-1.4\n"u8)!.Value.MimeType);
        Assert.StartsWith("PDF document", typer.OfBytes("%PDF-1.4\n"u8)!.Value.Description, StringComparison.Ordinal);
        Assert.Equal("text/x-shellscript", typer.OfBytes("#!/bin/sh\nexit 0\n"u8)!.Value.MimeType);
        Assert.Equal(FileType.Empty, typer.OfBytes(default));
    }

    [Fact]
    public void OfFile_AnyName_IsTypedByItsContent()
    {
        string path = Path.Combine(_directory, "name with \x1b and \xe4.png");
        File.WriteAllText(path, "#!/bin/sh\nexit 0\n");
        using var typer = new FileTyper();

        Assert.Equal("text/x-shellscript", typer.OfFile(Utf8Z(path))!.Value.MimeType);
    }

    [Fact]
    public void OfFile_SameContentAgain_HasTheSameAnswer()
    {
        string first = Path.Combine(_directory, "first"),
            second = Path.Combine(_directory, "second"),
            other = Path.Combine(_directory, "other");
        File.WriteAllText(first, "%PDF-1.4\n");
        File.WriteAllText(second, "%PDF-1.4\n");
        File.WriteAllText(other, "%PDF-1.5\n");
        using var typer = new FileTyper();

        FileType inWords = typer.OfFile(Utf8Z(first))!.Value;
        Assert.Equal(inWords, typer.OfFile(Utf8Z(second)));
        Assert.Equal(inWords with { Description = "" }, typer.OfFile(Utf8Z(second), inWords: false));
        Assert.Contains("1.5", typer.OfFile(Utf8Z(other))!.Value.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void OfFile_MoreContentsThanAreRemembered_AreAllTyped()
    {
        using var typer = new FileTyper();
        string path = Path.Combine(_directory, "file");
        for (int i = 0; i < TypeCache.MaxEntries + 10; i++)
        {
            File.WriteAllText(path, $"%PDF-1.4\n{i}");
            Assert.Equal("application/pdf", typer.OfFile(Utf8Z(path), inWords: false)!.Value.MimeType);
        }
    }

    [Fact]
    public void OfFile_BiggerThanIsRemembered_IsTyped()
    {
        string path = Path.Combine(_directory, "big");
        byte[] content = new byte[FileTyper.MaxRememberedBytes + 1];
        "%PDF-1.4\n"u8.CopyTo(content);
        File.WriteAllBytes(path, content);
        using var typer = new FileTyper();

        Assert.Equal("application/pdf", typer.OfFile(Utf8Z(path))!.Value.MimeType);
        Assert.Equal("application/pdf", typer.OfFile(Utf8Z(path))!.Value.MimeType);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("directory")]
    [InlineData("link")]
    public void OfFile_NoRegularFile_HasNoType(string name)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "directory"));
        File.WriteAllText(Path.Combine(_directory, "target"), "text");
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), Path.Combine(_directory, "target"));
        using var typer = new FileTyper();

        Assert.Null(typer.OfFile(Utf8Z(Path.Combine(_directory, name))));
    }

    [Fact]
    public void Inspector_TaskOfAPathOrOfBytes_GivesFindings()
    {
        using var path = new SlowPath(factory: (_, _) => new FileInspector());
        string script = path.FileWith("script", "#!/bin/sh\n");
        var found = new List<FileFindings>();
        path.OnDelivery = task => found.Add(FileFindings.Decode(task.Result));
        Submit(path, InspectionWants.Type | InspectionWants.IsPath, Encoding.UTF8.GetBytes(script));
        Submit(path, InspectionWants.Type | InspectionWants.Words, "%PDF-1.4\n"u8);
        Submit(path, InspectionWants.Type | InspectionWants.IsPath, path.BytesOf("missing"));
        path.DrainWell();

        Assert.Equal(["text/x-shellscript", "application/pdf", null], found.Select(one => one.Type?.MimeType));
        Assert.Equal("", found[0].Type!.Value.Description);
        Assert.StartsWith("PDF document", found[1].Type!.Value.Description, StringComparison.Ordinal);
    }

    private static void Submit(SlowPath path, InspectionWants wants, ReadOnlySpan<byte> file) =>
        path.Client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = FileInspector.Function,
                Data = [(byte)wants, .. file],
                WantsResult = true,
            }
        );

    private static byte[] Utf8Z(string path) => [.. Encoding.UTF8.GetBytes(path), 0];
}

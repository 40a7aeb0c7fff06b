using Spillway.Metrics.Records;

namespace Spillway.Metrics.Tests;

public sealed class FileKindsTests
{
    [Theory]
    [InlineData("image", "image/png", true)]
    [InlineData("IMAGE", "image/svg+xml", true)]
    [InlineData("image", "application/pdf", false)]
    [InlineData("exe", "application/x-dosexec", true)]
    [InlineData("exe", "application/vnd.microsoft.portable-executable", true)]
    [InlineData("exe", "application/x-pie-executable", true)]
    [InlineData("exe", "text/x-shellscript", false)]
    [InlineData("script", "text/x-shellscript", true)]
    [InlineData("office", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", true)]
    [InlineData("archive, pdf", "application/pdf", true)]
    [InlineData("application/x-", "application/x-foo", true)]
    [InlineData("text/html", "text/plain", false)]
    public void Contains_KindOrBeginningOfAMimeType_Decides(string kinds, string mimeType, bool expected)
    {
        Assert.True(FileKinds.TryParse(kinds, out FileKinds? parsed, out _));
        Assert.Equal(expected, parsed.Contains(mimeType));
    }

    [Theory]
    [InlineData("imgae", "imgae")]
    [InlineData("image,", "")]
    [InlineData("exe,/x", "/x")]
    public void TryParse_Unknown_NamesIt(string text, string expected)
    {
        Assert.False(FileKinds.TryParse(text, out _, out string? unknown));
        Assert.Equal(expected, unknown);
    }
}

using Spillway.Web.Html;

namespace Spillway.Web.Tests;

/// <summary>What stands in a hole of markup is text.</summary>
public sealed class MarkupTests
{
    [Theory]
    [InlineData("<script>", "&lt;script&gt;")]
    [InlineData("\" onclick='x", "&quot; onclick=&#39;x")]
    [InlineData("a & b", "a &amp; b")]
    [InlineData("\u202Eevil", "\\u{202E}evil")]
    [InlineData("bell\a", "bell\\x07")]
    public void Hole_IsText(string text, string expected) =>
        Assert.Equal($"<p title=\"{expected}\">", Markup.Of($"<p title=\"{text}\">").ToString());

    [Fact]
    public void Hole_WithMarkup_StaysMarkup()
    {
        Markup inner = Markup.Of($"<b>{"<"}</b>");

        Assert.Equal("<p><b>&lt;</b><b>&lt;</b></p>", Markup.Of($"<p>{inner}{inner}</p>").ToString());
    }

    [Fact]
    public void Link_EscapesItsQuery() => Assert.Equal("/flows?q=a%26b%3D%22", Link.To("/flows", ("q", "a&b=\""), ("run", null)));
}

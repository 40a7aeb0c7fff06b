using System.Text;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

public class ContentDispositionTests
{
    [Theory]
    [InlineData("attachment", null)]
    [InlineData("attachment; filename=a.txt", "a.txt")]
    [InlineData("filename=a.txt", null)]
    [InlineData("inline;FileName = \"a b.txt\" ; x=y", "a b.txt")]
    [InlineData("attachment; filename=\"a b\\\"c.exe\"", "a b\"c.exe")]
    [InlineData("attachment; filename=\"a\\\\b;c.exe\"", "a\\b;c.exe")]
    [InlineData("attachment; filename=\"open.exe", "open.exe")]
    [InlineData("attachment; filename=\"\\\"", "\"")]
    [InlineData("attachment; filename=a b.exe ; x", "a b.exe")]
    [InlineData("attachment; name=\"; filename=no.txt\"; filename=yes.exe", "yes.exe")]
    [InlineData("attachment; filename=one.exe; filename=two.txt", "one.exe")]
    [InlineData("attachment; filename=; filename=\"\"; filename=three", "three")]
    [InlineData("attachment;;; ; filename=a", "a")]
    [InlineData("attachment; filename*=UTF-8''a%0Ab%00c%2F..%2Fd", "a\nb\0c/../d")]
    [InlineData("attachment; filename*=utf-8'en'n%C3%A9.exe; filename=old.txt", "né.exe")]
    [InlineData("attachment; filename=old.txt; filename*=UTF-8''%e2%80%aetxt.exe", "\u202Etxt.exe")]
    [InlineData("attachment; filename*=\"UTF-8''a%20b\"", "a b")]
    [InlineData("attachment; filename*=ISO-8859-1''n%e9.exe", "né.exe")]
    [InlineData("attachment; filename*=Shift_JIS''%83%65", "テ")]
    [InlineData("attachment; filename*=windows-1251''%e4.exe", "д.exe")]
    [InlineData("attachment; filename*=x-nothing''a%20b; filename=plain", "plain")]
    [InlineData("attachment; filename*=x-nothing''a%20b", "a b")]
    [InlineData("attachment; filename*=nothing%20at%2", "nothing at%2")]
    [InlineData("attachment; filename*=UTF-8''; filename=plain", "plain")]
    [InlineData("attachment; filename", null)]
    [InlineData("", null)]
    public void FileName_OfEachForm_IsRead(string value, string? expected)
    {
        byte[]? name = ContentDisposition.FileNameOf(Encoding.Latin1.GetBytes(value));

        Assert.Equal(expected, name is null ? null : Encoding.UTF8.GetString(name));
    }
}

using System.Text;
using Spillway.LuaJit;
using Spillway.Scripting.Loading;

namespace Spillway.Scripting.Tests;

/// <summary>The header object by itself: a block of bytes from strangers, and what scripts ask of it.</summary>
public class HeaderTests
{
    private static string Ask(string raw, string expressions) =>
        ScriptHarness
            .Run(
                $$"""
                local HTTPHeader = loadstring([==[{{Encoding.UTF8.GetString(
                    LuaModules.Read(typeof(ScriptLoader).Assembly, "httpheader.lua")
                )}}]==])(require 'ffi', nil, nil, { re2 = T.re2 })
                local h = setmetatable({ _raw = {{raw}}, _request = true, _status = 0 }, HTTPHeader)
                print({{expressions}})
                """
            )
            .TrimEnd('\n');

    [Theory]
    [InlineData(
        "'GET /a HTTP/1.1\\r\\nHost:  example.com \\t\\r\\nX : a\\r\\n b\\t\\r\\nEmpty:\\r\\nBlank:   \\r\\nno "
            + "colon\\r\\n:none\\r\\n\\r\\n'",
        "h:get_value 'host', h:get_value 'x', h:get_value 'Empty' == '', h:get_value 'blank' == '', h:get_value '', "
            + "h:get_value 'no colon', h:get_path(), h:get_method()",
        "example.com\ta b\ttrue\ttrue\tnone\tnil\t/a\tGET"
    )]
    [InlineData(
        "'GET / HTTP/1.1\\r\\na: 1\\r\\nb: 2\\r\\na: 3\\r\\na:\\r\\n\\r\\n'",
        "h:get_all_headers().a, h:get_all_headers().b, h:get_value(2)",
        "1, 3, \t2\t2"
    )]
    public void Fields_HaveTheirValuesWithoutBlanksAround(string raw, string expressions, string expected) =>
        Assert.Equal(expected, Ask(raw, expressions));

    // Work that grew as the square of these would not end in a day: the test ends only if it grows as the bytes do.
    [Theory]
    [InlineData("'GET / HTTP/1.1\\r\\na:' .. (' '):rep(N) .. 'x' .. (' '):rep(N)", "h:get_value 'a'", "x")]
    [InlineData("'GET / HTTP/1.1\\r\\na' .. (' '):rep(N) .. 'x: y'", "h:get_value('a' .. (' '):rep(N) .. 'x')", "y")]
    [InlineData("'GET / HTTP/1.1\\r\\n' .. ('x '):rep(N)", "h:get_value 'a'", "nil")]
    [InlineData("'GET / HTTP/1.1\\r\\n' .. ('\\r\\n '):rep(N) .. 'a: b'", "h:get_value 'a'", "nil")]
    [InlineData("(' '):rep(N)", "h:get_path(), h:get_method()", "\tnil")]
    [InlineData("'GET' .. (' '):rep(N) .. '\\r\\n'", "#h:get_path()", "0")]
    [InlineData("'GET ' .. ('a+'):rep(N) .. '://'", "#h:get_path()", "1")]
    [InlineData("'GET / HTTP/1.1\\r\\n' .. ('a:b\\r\\n'):rep(N / 16)", "#h:get_all_headers().a", "1572862")]
    public void Header_OfMegabytesThatProvokeBacktracking_IsReadInOnePass(string raw, string expressions, string expected) =>
        Assert.Equal(
            expected,
            Ask(raw.Replace("N", "2 ^ 23", StringComparison.Ordinal), expressions.Replace("N", "2 ^ 23", StringComparison.Ordinal))
        );
}

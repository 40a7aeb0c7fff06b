namespace Spillway.Scripting.Tests;

/// <summary>The built-in reader behaves as the library that published scripts bring.</summary>
public sealed class SweepBufTests
{
    // The bytes 1 to 12, at 100 of their stream. Each expression is printed on its own; a table is printed as its list.
    private static string Read(string expressions, string bytes = @"'\1\2\3\4\5\6\7\8\9\10\11\12', 100") =>
        ScriptHarness
            .Run(
                $$"""
                local SB = require 'sweepbuf'
                local s = SB.new({{bytes}})
                local function text(v)
                  if type(v) ~= 'table' then return tostring(v) end
                  local out = {}
                  for i = 1, table.maxn(v) do out[i] = text(v[i]) end
                  return '{' .. table.concat(out, ' ') .. '}'
                end
                local out = {}
                local function add(v) out[#out + 1] = text(v) end
                {{string.Join('\n', expressions.Split(';').Select(expression => $"add({expression})"))}}
                print(table.concat(out, ' '))
                """
            )
            .TrimEnd('\n');

    [Theory]
    [InlineData("s:u8(); s:u16(); s:u24(); s:u32(); s.seekpos", "1 258 66051 16909060 1")]
    [InlineData("s:u8le(); s:u16le(); s:u24le(); s:u32le()", "1 513 197121 67305985")]
    [InlineData("s:peek_u8(3); s:peek_u16(2); s:peek_u24(0); s:peek_u32(8); s:peek_u32(9)", "4 772 66051 151653132 nil")]
    [InlineData("s:next_u8(); s.seekpos; s:next_u16(); s:next_u24(); s:next_u32()", "1 2 515 263430 117967114")]
    [InlineData("s:next_u8_le(); s:next_u16_le(); s:next_u24_le(); s:next_u32_le()", "1 770 394500 168364039")]
    [InlineData("s:next_uN(3); s:next_uN(1); s:next_uN(99)", "66051 4 nil")]
    [InlineData("s:next_u8_enum { [1] = 'one' }; s:next_u16_enum {}; s:next_uN_enum(1, { [4] = 'four' })", "{1 one} {515 } {4 four}")]
    [InlineData("s:next_u8_enum_arr(2, { [2] = 'two' })", "{{1 } {2 two}}")]
    [InlineData("s:next_u8_arr(2); s:next_u16_arr(2); s:next_u32_arr(1); s:next_u8_arr(1e9)", "{1 2} {772 1286} {117967114} {11 12}")]
    public void Numbers_InEachForm(string expressions, string expected) => Assert.Equal(expected, Read(expressions));

    [Theory]
    [InlineData(
        "s:next_str_to_len(0) == ''; s:next_str_to_len(3) == '\\1\\2\\3'; s:next_hex_str_to_len(3); s:next_str_to_len(99); s:next_u8()",
        "true true 040506 nil nil"
    )]
    [InlineData("#s:next_str_to_pattern('\\3\\4'); s:next_u8(); s:next_str_to_pattern('nowhere'); s:next_u8()", "4 5 nil 6")]
    [InlineData("#s:next_str_to_pattern_exclude('\\3\\4'); s:next_u8()", "2 3")]
    [InlineData("#s:next_str_to_pattern('[\\4\\5]', false); s:next_str_to_pattern('[\\6]'); s:next_u8()", "4 nil 5")]
    [InlineData("s:next_ipv4(); s:next_ipv4_arr(2); s:next_ipv4()", "1.2.3.4 {5.6.7.8 9.10.11.12} nil")]
    [InlineData("s:next_mac(); s:skip(5); s:next_mac()", "01:02:03:04:05:06 true nil")]
    [InlineData("s:split('a,,b', ','); s:split('abc', ''); s:split('a--b', '--')", "{a  b} {abc} {a b}")]
    public void Texts_AndAddresses(string expressions, string expected) => Assert.Equal(expected, Read(expressions));

    [Theory]
    [InlineData("('\\0'):rep(15) .. '\\1'", "::1")]
    [InlineData("('\\0'):rep(16)", "::")]
    [InlineData("'\\32\\1\\13\\184' .. ('\\0'):rep(11) .. '\\1'", "2001:db8::1")]
    [InlineData("('\\1'):rep(16)", "101:101:101:101:101:101:101:101")]
    [InlineData("('\\0'):rep(10) .. '\\255\\255\\192\\0\\2\\1'", "::ffff:192.0.2.1")]
    [InlineData("'\\0\\1\\0\\0\\0\\1\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0'", "1:0:1::1:0:0")]
    [InlineData("('\\0'):rep(15)", "nil")]
    public void NextIpv6_IsWrittenAsInetNtopDoes(string bytes, string expected) => Assert.Equal(expected, Read("s:next_ipv6()", bytes));

    [Theory]
    [InlineData("s:next_bitfield_u8 { 4, 4 }; s:next_bitfield_u16 { 7, 2, 7 }; s:next_bitfield_u8 { 8, 8 }", "{0 1} {1 0 3} {4}")]
    [InlineData("s:next_bitfield_u16_named({ 4, 12 }, { 'high', 'low' }).low; s:next_bitfield_u8_named({ 8 }, { 'all' }).all", "258 3")]
    [InlineData("s:skip(12); s:next_bitfield_u8 { 8 }", "true {}")]
    public void Bitfields_FromTheMostSignificantBit(string expressions, string expected) => Assert.Equal(expected, Read(expressions));

    [Theory]
    [InlineData("s.left; s.right; s:abs_seek(); s:next_u8(); s:abs_seek(); s.seekpos", "100 112 101 1 102 2")]
    [InlineData("s:skip(4); s:next_u8(); s:inc(-1); s:next_u8(); s:skip(-99); s:next_u8()", "true 5 true 5 true nil")]
    [InlineData(
        "s:bytes_left(); s:skip(10); #s:buffer_left(); s:has_more(); s:skip(1); s:has_more(); s:skip(50); s:bytes_left(); s:u8()",
        "12 true 2 true true false true 0 nil"
    )]
    [InlineData(
        "s:push_fence(4); s:bytes_left_to_fence(); s:top_fence(); s:skip(2); s:has_more(); s:skip(1); s:has_more(); "
            + "s:pop_fence(); s:has_more(); s:top_fence()",
        "nil 4 5 true true true false nil true nil"
    )]
    [InlineData("s:push_fence(99); s:bytes_left_to_fence(); s:has_more(); s:skip(12); s:has_more()", "nil 99 true true false")]
    [InlineData(
        "s:push_fence(2); s:push_fence(1); s:has_more(); s:pop_fence(); s:bytes_left_to_fence(); s:reset(); "
            + "s:bytes_left_to_fence(); s:pop_fence()",
        "nil nil false nil 2 nil 12 nil"
    )]
    [InlineData("s:clip(3); s.right; s:bytes_left(); s:next_u32()", "nil 103 3 nil")]
    public void Positions_FencesAndEnds_NeverRaise(string expressions, string expected) => Assert.Equal(expected, Read(expressions));

    [Theory]
    [InlineData(
        "s:split_fields('^(%S+):%s*(.*)$', '\\r\\n').Host; s:split_fields('^(%S+):%s*(.*)$', '\\r\\n').nothing",
        "'Accept: a\\r\\nHost: x y\\r\\nz'",
        "x y nil"
    )]
    [InlineData("s:skip(4); s:split_fields_fast('=', '&').b", "'get?a=1&b=2=3'", "true 2=3")]
    public void Fields_OfWhatIsLeft(string expressions, string bytes, string expected) => Assert.Equal(expected, Read(expressions, bytes));

    [Theory]
    [InlineData("s <= SB.new('x', 101); s < SB.new('x', 100); SB.new('x', 3) <= s", "true false true")]
    [InlineData("(s + SB.new('\\11\\12\\13', 110)).right; #(SB.new('ab', 98) + s).buff; (s + SB.new('\\2', 101)).right", "113 14 112")]
    [InlineData(
        "(select(2, pcall(function() return s + SB.new('x', 200) end)))",
        "script.lua:13: sweepbuf: 88 bytes are missing between the two"
    )]
    public void Streams_OrderAndJoining(string expressions, string expected) =>
        Assert.EndsWith(expected, Read(expressions), StringComparison.Ordinal);

    [Fact]
    public void Hexdump_IsPrintedAndGiven()
    {
        string printed = ScriptHarness.Run(
            "local s = require('sweepbuf').new('abc') s:skip(1) print(s:hexdump_left() == '00000001   62 63            "
                + "                                  bc')"
        );
        Assert.Equal("00000001   62 63                                              bc\ntrue\n", printed);
    }
}

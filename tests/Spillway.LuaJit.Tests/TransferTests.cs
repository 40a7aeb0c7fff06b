using System.Text;

namespace Spillway.LuaJit.Tests;

/// <summary>Values and functions move from one state to another through <c>transfer.lua</c>.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly LuaState _from = new();
    private readonly LuaState _to = new();

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }

    /// <summary>
    /// Encodes the value of <paramref name="expression"/> in one state and evaluates <paramref name="check"/> on it (as <c>v</c>) in the
    /// other.
    /// </summary>
    private string Cross(string expression, string check, string prelude = "")
    {
        LuaFunction encode = Build(_from, $"{prelude}\nreturn function() return transfer.encode({expression}) end");
        Assert.True(_from.TryCall(encode, [], out byte[]? bytes), "encoding raised");
        LuaFunction decode = Build(_to, $"return function(bytes) local v = transfer.decode(bytes) return tostring({check}) end");
        bool ok = _to.TryCall(decode, bytes, out byte[]? result);
        return ok ? Encoding.UTF8.GetString(result!) : "error: " + _to.TakeError();
    }

    private static LuaFunction Build(LuaState state, string code) =>
        state.Run(
            "@script.lua",
            Encoding.UTF8.GetBytes($"local transfer = (function(...) {Encoding.UTF8.GetString(LuaModules.Transfer)} end)() {code}")
        );

    [Theory]
    [InlineData("nil", "v == nil", "true")]
    [InlineData("false", "v == false", "true")]
    [InlineData("0.1", "v == 0.1", "true")]
    [InlineData("-0/1", "1/v", "-inf")]
    [InlineData("2^53", "v == 2^53", "true")]
    [InlineData("0/0", "v ~= v", "true")]
    [InlineData("'a\\0b'", "#v", "3")]
    [InlineData("-5LL", "v == -5LL and type(v)", "cdata")]
    [InlineData("{1, 2, {3}}", "v[3][1] + #v", "6")]
    [InlineData("{[1.5] = 'x', [true] = 'y'}", "v[1.5] .. v[true]", "xy")]
    [InlineData("string.format", "v == string.format", "true")]
    [InlineData("io.popen", "v == io.popen", "true")]
    [InlineData("require 'bit'", "v == require 'bit'", "true")]
    [InlineData("function(a) return a * 2 end", "v(21)", "42")]
    [InlineData("setmetatable({}, {__index = function(_, k) return k .. '!' end})", "v.hello", "hello!")]
    public void Cross_Value_ArrivesEqual(string expression, string check, string expected) =>
        Assert.Equal(expected, Cross(expression, check));

    [Fact]
    public void Cross_CycleAndSharing_KeepTheirShape() =>
        Assert.Equal(
            "true",
            Cross("t", "v.self == v and v.a == v.b and v.a ~= v and v[v.a] == 1", "local t = {a = {}} t.self = t t.b = t.a t[t.a] = 1")
        );

    [Fact]
    public void Cross_RecursiveFunctionAndSharedUpvalue_Work()
    {
        Assert.Equal("120", Cross("f", "v(5)", "local function f(n) return n < 2 and 1 or n * f(n - 1) end"));
        Assert.Equal(
            "2",
            Cross(
                "{inc = inc, get = get}",
                "(v.inc() and v.inc() and v.get())",
                "local n = 0 local function inc() n = n + 1 return n end local function get() return n end"
            )
        );
    }

    [Fact]
    public void Cross_DeepNesting_NeedsNoStack() =>
        Assert.Equal(
            "100000",
            Cross(
                "t",
                "(function() local n = 0 while v do v = v.next n = n + 1 end return n end)()",
                "local t for i = 1, 100000 do t = {next = t} end"
            )
        );

    [Fact]
    public void Cross_Coroutine_BecomesAStandInThatSaysSo()
    {
        string result = Cross("function() return co.x end", "v()", "local co = coroutine.create(function() end)");
        Assert.Contains("upvalue 'co' of the function at script.lua:", result, StringComparison.Ordinal);
        Assert.Contains("cannot cross to a worker", result, StringComparison.Ordinal);
    }

    [Fact]
    public void EncodeFunction_RefusedUpvalue_IsNamedWithLabelAndLine()
    {
        LuaFunction encode = Build(
            _from,
            """
            local engine = {} transfer.refuse(engine)
            return function()
              return transfer.encode_function(function(data) return engine:id() .. data end, 'onexecute')
            end
            """
        );
        Assert.True(_from.TryCall(encode, [], out byte[]? bytes));
        LuaFunction run = Build(_to, "return function(bytes) return transfer.decode(bytes)('x') end");

        Assert.False(_to.TryCall(run, bytes, out _));
        Assert.Matches(@"upvalue 'engine' of onexecute cannot cross to a worker \(script\.lua:\d+\)", _to.TakeError());
    }

    [Fact]
    public void Cross_OpenFile_DoesNotFailTheEncoding()
    {
        Assert.StartsWith(
            "error: ",
            Cross("function() return file:read() end", "v()", "local file = io.tmpfile()"),
            StringComparison.Ordinal
        );
    }
}

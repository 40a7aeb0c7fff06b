using System.Text;
using Spillway.LuaJit.Native;

namespace Spillway.LuaJit;

/// <summary>
/// One LuaJIT virtual machine with the standard libraries. Owned by one thread at a time: calls from two threads at once corrupt it.
/// </summary>
/// <remarks>
/// The classic stack interface is for set-up and rare calls. Data crosses on the packet path through structs at fixed addresses that Lua
/// holds as FFI pointers, and host functions are unmanaged function pointers called through the FFI. A host function must not call back
/// into the state that runs it, must let no exception out, and reports errors as values that Lua code raises: Lua's own error would unwind
/// through managed frames and end the process.
/// </remarks>
public sealed unsafe partial class LuaState : IDisposable
{
    // Slot 1 of the stack holds the message handler of every call, so that a call needs no push for it.
    private const int TracebackSlot = 1;

    private static ReadOnlySpan<byte> TracebackChunk =>
        """
        local traceback, getinfo, tostring, type, pcall, getmetatable = debug.traceback, debug.getinfo, tostring, type, pcall, debug.getmetatable
        local function place()
          for level = 3, 20 do
            local info = getinfo(level, 'Sl')
            if not info then return '' end
            if info.currentline > 0 then return info.short_src .. ':' .. info.currentline .. ': ' end
          end
          return ''
        end
        return function(message)
          if type(message) ~= 'string' then
            local kind, text = type(message), nil
            local meta = getmetatable(message)
            if kind == 'number' or kind == 'boolean' or kind == 'cdata' or (type(meta) == 'table' and meta.__tostring) then
              local ok, shown = pcall(tostring, message)
              text = ok and type(shown) == 'string' and shown or nil
            end
            message = place() .. (text or '(error object is a ' .. kind .. ')')
          end
          return traceback(message, 2)
        end
        """u8;

    // A loop that any working compiler turns into a trace; a fresh function each time, so that it starts cold.
    private static ReadOnlySpan<byte> CompileProofChunk =>
        """
        local ok, util = pcall(require, 'jit.util')
        if not ok then return false end
        loadstring('local x = 0 for i = 1, 200 do x = x + i end return x')()
        return util.traceinfo(1) ~= nil
        """u8;

    private nint _state;

    /// <summary>Creates a state with all standard libraries open.</summary>
    /// <exception cref="LuaException">The library is missing or memory is out.</exception>
    public LuaState()
    {
        LuaLibrary.EnsureLoaded();
        _state = LuaApi.luaL_newstate();
        if (_state == 0)
            throw new LuaException("no memory for another Lua state");
        LuaApi.luaL_openlibs(_state);
        if (!TryLoad("=(host)", TracebackChunk, out string? error) || LuaApi.lua_pcall(_state, 0, 1, 0) != LuaApi.Ok)
        {
            throw new LuaException("the Lua state does not start: " + (error ?? TakeText()));
        }

        Compiles = EvaluateBoolean("=(compile proof)", CompileProofChunk);
    }

    /// <summary>True if LuaJIT's compiler works in this state. False means scripts run in the interpreter, many times slower.</summary>
    public bool Compiles { get; }

    /// <summary>Memory that the state uses, in bytes.</summary>
    public long MemoryBytes => ((long)LuaApi.lua_gc(Handle, CollectorCount, 0) * 1024) + LuaApi.lua_gc(Handle, CollectorCountRest, 0);

    /// <summary>Whether it can be used: not disposed.</summary>
    public bool IsOpen => _state != 0;

    private const int CollectorStop = 0;
    private const int CollectorRestart = 1;
    private const int CollectorCount = 3;
    private const int CollectorCountRest = 4;

    private nint Handle => _state != 0 ? _state : throw new ObjectDisposedException(nameof(LuaState));

    /// <summary>Compiles a chunk and keeps it as a function; does not run it.</summary>
    /// <param name="chunkName">As Lua takes it: <c>@file</c> or <c>=name</c>; shown in errors.</param>
    /// <param name="code">Source text or bytecode. Bytecode is not verified by LuaJIT: only that of this process may come here.</param>
    /// <param name="function">The function.</param>
    /// <param name="error">Lua's message with file and line, if this returns false.</param>
    public bool TryCompile(string chunkName, ReadOnlySpan<byte> code, out LuaFunction function, out string? error)
    {
        function = default;
        if (!TryLoad(chunkName, code, out error))
            return false;
        function = new LuaFunction(LuaApi.luaL_ref(_state, LuaApi.RegistryIndex));
        return true;
    }

    /// <summary>Runs a chunk of the host's own. Its first result, if it is a function, is kept and returned.</summary>
    /// <exception cref="LuaException">The chunk fails: a bug of ours.</exception>
    public LuaFunction Run(string chunkName, ReadOnlySpan<byte> code)
    {
        if (!TryLoad(chunkName, code, out string? error))
            throw new LuaException(error!);
        if (LuaApi.lua_pcall(_state, 0, 1, TracebackSlot) != LuaApi.Ok)
            throw new LuaException(TakeText());
        return TakeFunction();
    }

    /// <summary>Calls a function without arguments and results. The fast way in: two native calls, nothing allocated.</summary>
    /// <returns>False if it raised; then <see cref="TakeError"/> must be called.</returns>
    public bool TryCall(LuaFunction function)
    {
        nint state = _state;
        LuaApi.lua_rawgeti(state, LuaApi.RegistryIndex, function.Reference);
        return ProtectedCall(0, 0) == LuaApi.Ok;
    }

    /// <summary>Calls a function with one string (bytes), without results.</summary>
    /// <returns>False if it raised; then <see cref="TakeError"/> must be called.</returns>
    public bool TryCall(LuaFunction function, ReadOnlySpan<byte> argument)
    {
        LuaApi.lua_rawgeti(Handle, LuaApi.RegistryIndex, function.Reference);
        Push(argument);
        return ProtectedCall(1, 0) == LuaApi.Ok;
    }

    /// <summary>Calls a function with one string (bytes) and returns its first result as text, null for nil.</summary>
    public bool TryCall(LuaFunction function, ReadOnlySpan<byte> argument, out byte[]? result)
    {
        result = null;
        LuaApi.lua_rawgeti(Handle, LuaApi.RegistryIndex, function.Reference);
        Push(argument);
        if (ProtectedCall(1, 1) != LuaApi.Ok)
            return false;
        result = TakeBytes();
        return true;
    }

    /// <summary>Takes the error of the call that has just failed: message with traceback, as text.</summary>
    public string TakeError()
    {
        // LuaJIT's text when the handler itself has no room left on the stack: some versions say it for every stack overflow.
        string text = TakeText();
        return text == "error in error handling" ? "stack overflow (no room was left for a traceback)" : text;
    }

    /// <summary>Sets a global to a number: how addresses of structs and host functions reach Lua (they fit in 53 bits).</summary>
    public void SetGlobal(ReadOnlySpan<byte> nameWithNul, double value)
    {
        LuaApi.lua_pushnumber(Handle, value);
        fixed (byte* name = nameWithNul)
            LuaApi.lua_setfield(_state, LuaApi.GlobalsIndex, name);
    }

    /// <summary>Sets a global to a string of bytes.</summary>
    public void SetGlobal(ReadOnlySpan<byte> nameWithNul, ReadOnlySpan<byte> value)
    {
        Push(value);
        fixed (byte* name = nameWithNul)
            LuaApi.lua_setfield(_state, LuaApi.GlobalsIndex, name);
    }

    /// <summary>Keeps the function that a global holds; the default value if it holds none.</summary>
    public LuaFunction GetGlobalFunction(ReadOnlySpan<byte> nameWithNul)
    {
        Push(nameWithNul[..^1]);
        LuaApi.lua_rawget(_state, LuaApi.GlobalsIndex); // a script may have given its globals a metatable
        return TakeFunction();
    }

    /// <summary>Lets a function go.</summary>
    public void Release(LuaFunction function)
    {
        if (function.Exists)
            LuaApi.luaL_unref(Handle, LuaApi.RegistryIndex, function.Reference);
    }

    /// <summary>Closes the state and frees its memory. Must be called by the thread that owns it.</summary>
    public void Dispose()
    {
        if (_state == 0)
            return;
        MemoryCap.Remove(_cap);
        LuaApi.lua_close(_state);
        _state = 0;
        MemoryCap.Free(_cap);
    }

    private bool TryLoad(string chunkName, ReadOnlySpan<byte> code, out string? error)
    {
        byte[] name = Encoding.UTF8.GetBytes(chunkName + "\0");
        int status;
        fixed (byte* text = code)
        fixed (byte* nameText = name)
        {
            status = LuaApi.luaL_loadbuffer(Handle, text, (nuint)code.Length, nameText);
        }

        error = status == LuaApi.Ok ? null : TakeText();
        return status == LuaApi.Ok;
    }

    private bool EvaluateBoolean(string chunkName, ReadOnlySpan<byte> code)
    {
        if (!TryLoad(chunkName, code, out string? error))
            throw new LuaException(error!);
        if (LuaApi.lua_pcall(_state, 0, 1, TracebackSlot) != LuaApi.Ok)
            throw new LuaException(TakeText());
        bool result = LuaApi.lua_toboolean(_state, -1) != 0;
        LuaApi.lua_settop(_state, -2);
        return result;
    }

    // The collector rests meanwhile: this is no protected call, and a finalizer of the script's that raises here would end the process.
    private void Push(ReadOnlySpan<byte> bytes)
    {
        _ = LuaApi.lua_gc(Handle, CollectorStop, 0);
        fixed (byte* text = bytes)
            LuaApi.lua_pushlstring(_state, text, (nuint)bytes.Length);
        _ = LuaApi.lua_gc(_state, CollectorRestart, 0);
    }

    private LuaFunction TakeFunction()
    {
        if (LuaApi.lua_type(_state, -1) == LuaApi.TypeFunction)
            return new LuaFunction(LuaApi.luaL_ref(_state, LuaApi.RegistryIndex));
        LuaApi.lua_settop(_state, -2);
        return default;
    }

    private byte[]? TakeBytes()
    {
        nuint length;
        byte* text = LuaApi.lua_tolstring(_state, -1, &length);
        byte[]? bytes = text is null ? null : new ReadOnlySpan<byte>(text, checked((int)length)).ToArray();
        LuaApi.lua_settop(_state, -2);
        return bytes;
    }

    // Scripts' texts are bytes; what is not UTF-8 shows as replacement characters, which is right for a message to a person.
    private string TakeText() => TakeBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : "(no message)";
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>The functions of libyara 4, by their addresses: the library may be missing.</summary>
internal sealed unsafe partial class YaraApi
{
    /// <summary>Names another file in place of the library.</summary>
    public const string Variable = "SPILLWAY_LIBYARA";

    public const int Success = 0;
    public const int OutOfMemory = 1;
    public const int TimedOut = 26;

    private const int FastMode = 1; // a string is looked for until the condition has enough of it
    private const int NoTryCatch = 4; // no handlers of signals: those are the runtime's
    private const int OnlyMatching = 8;

    private const string Remedy = "install it with `apt-get install libyara9`";

    // The names are those of the C functions, in no order.
    private enum Function
    {
        yr_initialize,
        yr_compiler_create,
        yr_compiler_destroy,
        yr_compiler_set_callback,
        yr_compiler_add_fd,
        yr_compiler_add_string,
        yr_compiler_define_string_variable,
        yr_compiler_get_rules,
        yr_scanner_create,
        yr_scanner_destroy,
        yr_scanner_set_callback,
        yr_scanner_set_timeout,
        yr_scanner_set_flags,
        yr_scanner_define_string_variable,
        yr_scanner_scan_mem,
    }

    private static readonly Lazy<(YaraApi? Api, string? Reason)> Loaded = new(Load);

    private readonly nint[] _functions;

    private YaraApi(nint[] functions) => _functions = functions;

    /// <summary>The library; null if it is missing. Loaded with the first look. Any thread.</summary>
    public static YaraApi? Instance => Loaded.Value.Api;

    /// <summary>Why it is missing, with the remedy; null if it is not.</summary>
    public static string? Reason => Loaded.Value.Reason;

    /// <summary>Makes a compiler; 0 if there is no memory. Its errors and warnings go to <paramref name="report"/>.</summary>
    public nint CreateCompiler(GCHandle report)
    {
        nint compiler;
        if (((delegate* unmanaged<nint*, int>)At(Function.yr_compiler_create))(&compiler) != Success)
            return 0;
        ((delegate* unmanaged<nint, nint, nint, void>)At(Function.yr_compiler_set_callback))(
            compiler,
            (nint)(delegate* unmanaged[Cdecl]<int, byte*, int, nint, byte*, nint, void>)&OnMessage,
            GCHandle.ToIntPtr(report)
        );
        return compiler;
    }

    public void DestroyCompiler(nint compiler) => ((delegate* unmanaged<nint, void>)At(Function.yr_compiler_destroy))(compiler);

    /// <summary>Adds a file of rules; returns the number of errors. After an error nothing may be added any more.</summary>
    public int AddFile(nint compiler, int file, string ruleSpace, string name)
    {
        fixed (byte* spaceZ = Utf8Z(ruleSpace))
        fixed (byte* nameZ = Utf8Z(name))
            return ((delegate* unmanaged<nint, int, byte*, byte*, int>)At(Function.yr_compiler_add_fd))(compiler, file, spaceZ, nameZ);
    }

    /// <summary>Adds rules; returns the number of errors. After an error nothing may be added any more.</summary>
    public int AddText(nint compiler, string rules, string ruleSpace)
    {
        fixed (byte* rulesZ = Utf8Z(rules))
        fixed (byte* spaceZ = Utf8Z(ruleSpace))
            return ((delegate* unmanaged<nint, byte*, byte*, int>)At(Function.yr_compiler_add_string))(compiler, rulesZ, spaceZ);
    }

    /// <summary>Has rules compile that use a variable; each scan gives it a value.</summary>
    public int DefineVariable(nint compiler, string name)
    {
        fixed (byte* nameZ = Utf8Z(name))
        fixed (byte* valueZ = "\0"u8)
            return ((delegate* unmanaged<nint, byte*, byte*, int>)At(Function.yr_compiler_define_string_variable))(compiler, nameZ, valueZ);
    }

    /// <summary>The rules of a compiler; 0 if there is no memory.</summary>
    public nint TakeRules(nint compiler)
    {
        nint rules;
        return ((delegate* unmanaged<nint, nint*, int>)At(Function.yr_compiler_get_rules))(compiler, &rules) == Success ? rules : 0;
    }

    /// <summary>Makes a scanner; 0 if there is no memory. Rules that match go to <paramref name="receiver"/>.</summary>
    public nint CreateScanner(nint rules, GCHandle receiver)
    {
        nint scanner;
        if (((delegate* unmanaged<nint, nint*, int>)At(Function.yr_scanner_create))(rules, &scanner) != Success)
            return 0;
        ((delegate* unmanaged<nint, nint, nint, void>)At(Function.yr_scanner_set_callback))(
            scanner,
            (nint)(delegate* unmanaged[Cdecl]<nint, int, nint, nint, int>)&OnScan,
            GCHandle.ToIntPtr(receiver)
        );
        ((delegate* unmanaged<nint, int, void>)At(Function.yr_scanner_set_flags))(scanner, FastMode | NoTryCatch | OnlyMatching);
        return scanner;
    }

    public void DestroyScanner(nint scanner) => ((delegate* unmanaged<nint, void>)At(Function.yr_scanner_destroy))(scanner);

    public void SetTimeout(nint scanner, int seconds) =>
        ((delegate* unmanaged<nint, int, void>)At(Function.yr_scanner_set_timeout))(scanner, seconds);

    public void SetVariable(nint scanner, string name, ReadOnlySpan<byte> valueZ)
    {
        fixed (byte* nameZ = Utf8Z(name))
        fixed (byte* value = valueZ)
            _ = ((delegate* unmanaged<nint, byte*, byte*, int>)At(Function.yr_scanner_define_string_variable))(scanner, nameZ, value);
    }

    /// <summary>Scans bytes; returns the library's error code.</summary>
    public int Scan(nint scanner, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
            return ((delegate* unmanaged<nint, byte*, nuint, int>)At(Function.yr_scanner_scan_mem))(scanner, first, (nuint)bytes.Length);
    }

    private static (YaraApi?, string?) Load()
    {
        if (!OptionalLibrary.TryLoad(Variable, ["libyara.so.9", "libyara.so.10", "libyara.so.8"], out nint library))
            return (null, $"libyara is missing: {Remedy}");
        string[] names = Enum.GetNames<Function>();
        nint[] functions = new nint[names.Length];
        if (!OptionalLibrary.TryResolve(library, names, functions, out string? missing))
            return (null, $"this libyara has no function {missing}: {Remedy}");
        if (((delegate* unmanaged<int>)functions[(int)Function.yr_initialize])() != Success)
            return (null, "libyara does not start: it has no memory");
        var api = new YaraApi(functions);
        return api.FindLayout() ? (api, null) : (null, $"this version of libyara lays rules out in a way that is not known: {Remedy}");
    }

    private nint At(Function function) => _functions[(int)function];

    private static byte[] Utf8Z(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text), 0];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(int level, byte* file, int line, nint rule, byte* message, nint user)
    {
        if (GCHandle.FromIntPtr(user).Target is not IYaraReport report)
            return;
        try
        {
            report.Add(
                isError: level == 0,
                Marshal.PtrToStringUTF8((nint)file),
                line,
                Marshal.PtrToStringUTF8((nint)message) ?? "unknown error"
            );
        }
        catch (OutOfMemoryException)
        {
            // The compiler counts its errors itself.
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnScan(nint context, int message, nint data, nint user)
    {
        const int ruleMatches = 1;
        const int goOn = 0;
        const int fail = 2;
        if (message != ruleMatches || GCHandle.FromIntPtr(user).Target is not IYaraReceiver receiver)
            return goOn;
        try
        {
            receiver.OnMatch(data);
            return goOn;
        }
        catch (OutOfMemoryException)
        {
            return fail;
        }
    }
}

/// <summary>Takes what a compiler says.</summary>
internal interface IYaraReport
{
    /// <summary>An error or a warning.</summary>
    void Add(bool isError, string? file, int line, string message);
}

/// <summary>Takes the rules that match.</summary>
internal interface IYaraReceiver
{
    /// <summary>A rule matches; valid until the return. Must not throw but when memory is out.</summary>
    void OnMatch(nint rule);
}

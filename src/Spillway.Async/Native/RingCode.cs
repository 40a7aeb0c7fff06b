using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>
/// Machine code of a few instructions each, which compiled Lua calls by address: LuaJIT has no atomic operations and moves plain loads of
/// shared memory, but nothing across a call. What it does is in C beside each; x86-64 keeps stores in order by itself.
/// </summary>
/// <remarks>On other processors, where the counter of time is not steady, or where no memory may be executed, there is none of
/// it.</remarks>
internal static unsafe partial class RingCode
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const int PageBytes = 4096;
    private const int Alignment = 32;
    private const nint Failed = -1;

    private static readonly (string Name, string Code)[] Functions =
    [
        // int32_t load(const int32_t *p) { return *p; }
        ("load", "8B07C3"),
        // void store(int32_t *p, int32_t value) { *p = value; }
        ("store", "8937C3"),
        // void publish(int32_t *p, int32_t value): likewise, and no load comes before it.
        ("publish", "8737C3"),
        // int32_t release(int32_t *p, int32_t expected): what was there; if it was what is expected, 0 is there now, atomically.
        ("release", "89F031D2F00FB117C3"),
        // int32_t spin(const int32_t *p, int32_t seen, int32_t n): until *p is another, n pauses at most; what is there.
        ("spin", "448B074439C675298D4AFF85D27F0EEB240F1F800000000083E9017213F3908B074439C074F2C3660F1F840000000000C34489C0C389F0C3"),
        // void stamp(int64_t *p) { *p = counter of time; }
        ("stamp", "0F3148C1E2204809D0488907C3"),
        // int32_t late(const int64_t *p) { return counter of time >= *p; }
        ("late", "0F3148C1E2204809D0483B070F9DC00FB6C0C3"),
        // int32_t finish(struct times *t, int64_t submitted): counts the wait and the run of a task, and begins the next. RingTimes has
        // the struct. 1 if the run was a slow one, plus 2 if the turn is over.
        (
            "finish",
            "0F31488B0F48C1E2204809D0BA000000004989C04929C84829F1488D7720480F49D1483B97A00F00007E07488997A00F00004883F9077E27"
                + "4C0FBDCAB93C0000004983F13F4429C948D3FAB93D0000004429C983E207C1E1034863C94801CA488304D60131D24D85C0490F49D04C8D8FA8"
                + "0F0000483B97281F00007E07488997281F00004983F8077E25480FBDF2B93C0000004883F63F29F148D3FAB93D00000029F183E207C1E103"
                + "4863C94801CA498304D101483947084889070F9EC031D20FB6C04C89471801C04C3947100F9EC209D0C3"
        ),
    ];

    private static readonly Dictionary<string, nint> Addresses = Make();
    private static readonly nint Stamp = Addresses.GetValueOrDefault("stamp");

    /// <summary>Whether there is any.</summary>
    public static bool IsThere => Addresses.Count > 0;

    /// <summary>Names and addresses, as <c>rings.lua</c> reads them: <c>load=140002 store=140034</c>; empty if there is none.</summary>
    public static string Text => string.Join(' ', Addresses.Select(pair => string.Create(null, $"{pair.Key}={pair.Value}")));

    /// <summary>The counter of time.</summary>
    public static long Now
    {
        get
        {
            long now;
            ((delegate* unmanaged[Cdecl, SuppressGCTransition]<long*, void>)Stamp)(&now);
            return now;
        }
    }

    private static Dictionary<string, nint> Make()
    {
        var none = new Dictionary<string, nint>();
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !HasSteadyCounter())
            return none;
        nint page = mmap(0, PageBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (page == Failed)
            return none;
        var addresses = new Dictionary<string, nint>();
        int at = 0;
        foreach ((string name, string code) in Functions)
        {
            byte[] bytes = Convert.FromHexString(code);
            bytes.CopyTo(new Span<byte>((byte*)page + at, bytes.Length));
            addresses.Add(name, page + at);
            at += (bytes.Length + Alignment - 1) / Alignment * Alignment;
        }

        return mprotect(page, PageBytes, ReadExecute) == 0 ? addresses : none;
    }

    private static bool HasSteadyCounter()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/cpuinfo"))
            {
                if (!line.StartsWith("flags", StringComparison.Ordinal))
                    continue;
                string[] flags = line.Split(' ');
                return flags.Contains("constant_tsc") && flags.Contains("nonstop_tsc");
            }
        }
        catch (IOException)
        {
            // then nobody knows
        }

        return false;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint length, int protection);
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Net.Capture;

/// <summary>What the kernel says of a network interface: netdevice(7) and the ioctls of ethtool. Needs no privileges. Any thread.</summary>
internal static unsafe partial class NetworkLink
{
    private const int NameBytes = 16;
    private const nuint GetFlags = 0x8913,
        GetIndex = 0x8933,
        Ethtool = 0x8946;

    private static readonly (uint Command, uint Mask, string Name)[] Joining =
    [
        (0x2b, uint.MaxValue, "gro"),
        (0x25, 1 << 15, "lro"),
        (0x1e, uint.MaxValue, "tso"),
        (0x23, uint.MaxValue, "gso"),
    ];

    /// <summary>The number of an interface, which is another one when it is made anew; 0 if there is none of that name.</summary>
    public static int IndexOf(string name) => TryAsk(name, GetIndex, 0, out long value) ? (int)value : 0;

    /// <summary>Whether it is up.</summary>
    public static bool IsUp(string name)
    {
        const int up = 1;
        return TryAsk(name, GetFlags, 0, out long value) && (value & up) != 0;
    }

    /// <summary>What joins segments before they are seen here, by the names that <c>ethtool -K</c> takes.</summary>
    public static IReadOnlyList<string> OffloadsOf(string name)
    {
        var found = new List<string>();
        foreach ((uint command, uint mask, string offload) in Joining)
        {
            var wish = new EthtoolValue { Command = command };
            if (TryAsk(name, Ethtool, (long)&wish, out _) && (wish.Data & mask) != 0)
                found.Add(offload);
        }

        return found;
    }

    /// <summary>Whether it brings this machine back what it sends.</summary>
    public static bool IsLoopback(string name)
    {
        const int loopback = 8;
        return TryAsk(name, GetFlags, 0, out long value) && (value & loopback) != 0;
    }

    // The request is a name and a union, whose first bytes are what is asked for: a number, 16 bits of flags, or a pointer.
    private static bool TryAsk(string name, nuint request, long argument, out long value)
    {
        const int ipv4 = 2,
            datagram = 2,
            closeOnExec = 0x80000,
            requestBytes = 40;
        value = 0;
        byte* wish = stackalloc byte[requestBytes];
        new Span<byte>(wish, requestBytes).Clear();
        if (Encoding.UTF8.GetByteCount(name) is 0 or >= NameBytes)
            return false;
        Encoding.UTF8.GetBytes(name, new Span<byte>(wish, NameBytes));
        *(long*)(wish + NameBytes) = argument;
        using var socketHandle = new SafeFileHandle(socket(ipv4, datagram | closeOnExec, 0), ownsHandle: true);
        if (socketHandle.IsInvalid || ioctl((int)socketHandle.DangerousGetHandle(), request, wish) != 0)
            return false;
        value = request == GetFlags ? *(ushort*)(wish + NameBytes) : *(int*)(wish + NameBytes);
        return true;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, byte* argument);

    [StructLayout(LayoutKind.Sequential)]
    private struct EthtoolValue
    {
        public uint Command;
        public uint Data;
    }
}

using System.Runtime.InteropServices;

namespace Spillway.Net.Capture;

/// <summary>
/// Sockets on one interface among which the kernel deals its packets (packet(7), PACKET_FANOUT): by a hash of the addresses and ports, the
/// same both ways, after it has put IPv4 datagrams together. Any thread.
/// </summary>
internal sealed partial class FanoutGroup
{
    private const int PacketLevel = 263; // SOL_PACKET
    private const int Fanout = 18; // PACKET_FANOUT
    private const int Defragment = 0x8000 << 16; // PACKET_FANOUT_FLAG_DEFRAG; 0 is PACKET_FANOUT_HASH
    private const int UniqueId = 0x2000 << 16; // PACKET_FANOUT_FLAG_UNIQUEID: the kernel chooses a number that nobody else has

    private readonly Lock _gate = new();
    private int _members;
    private int _id;

    /// <summary>Takes an activated socket in.</summary>
    /// <returns>Why not; null if it is in.</returns>
    public string? TryJoin(int socket)
    {
        lock (_gate)
        {
            int wish = Defragment | (_members == 0 ? UniqueId : _id);
            int length = sizeof(int);
            if (
                setsockopt(socket, PacketLevel, Fanout, in wish, length) != 0
                || getsockopt(socket, PacketLevel, Fanout, out int given, ref length) != 0
            )
                return "the kernel refuses to deal its packets out (--fanout): " + Marshal.GetLastPInvokeErrorMessage();
            _id = given & 0xffff;
            _members++;
            return null;
        }
    }

    /// <summary>A socket that was in is closed.</summary>
    public void Leave()
    {
        lock (_gate)
            _members--;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int option, in int value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int socket, int level, int option, out int value, ref int length);
}

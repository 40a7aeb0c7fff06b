using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Benchmarks.Wire;

/// <summary>A packet socket (packet(7)) that sends batches of frames into one interface with <c>sendmmsg</c>, past its queues.</summary>
internal sealed unsafe partial class WireSocket : IWire
{
    private const int NoBuffers = 105,
        TryAgain = 11;

    private readonly SafeFileHandle _socket;
    private readonly byte* _frames;
    private readonly IoVector* _vectors;
    private readonly Message* _messages;

    public WireSocket(string name, int batchFrames)
    {
        const int packetFamily = 17,
            raw = 3,
            packetLevel = 263,
            bypassQueues = 20,
            socketLevel = 1,
            sendBuffer = 7,
            bufferBytes = 4 << 20;
        _socket = new SafeFileHandle(socket(packetFamily, raw, 0), ownsHandle: true);
        int index = (int)if_nametoindex(name);
        if (index == 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"interface '{name}'");
        var address = new LinkAddress { Family = packetFamily, Index = index };
        int one = 1,
            size = bufferBytes;
        if (bind(_socket, &address, sizeof(LinkAddress)) != 0 || setsockopt(_socket, packetLevel, bypassQueues, &one, sizeof(int)) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "a packet socket, which needs CAP_NET_RAW");
        _ = setsockopt(_socket, socketLevel, sendBuffer, &size, sizeof(int));

        _frames = (byte*)NativeMemory.AllocZeroed((nuint)(batchFrames * WireFrames.LongestFrame));
        _vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)(batchFrames * sizeof(IoVector)));
        _messages = (Message*)NativeMemory.AllocZeroed((nuint)(batchFrames * sizeof(Message)));
        for (int i = 0; i < batchFrames; i++)
        {
            _vectors[i].Data = _frames + ((nint)i * WireFrames.LongestFrame);
            _messages[i].Vectors = _vectors + i;
            _messages[i].VectorCount = 1;
        }
    }

    public Span<byte> Slot(int place) => new(_vectors[place].Data, WireFrames.LongestFrame);

    public void Add(int place, int length) => _vectors[place].Length = (nuint)length;

    public void Send(int count)
    {
        for (int sent = 0; sent < count; )
        {
            int more = sendmmsg(_socket, _messages + sent, (uint)(count - sent), 0);
            if (more > 0)
                sent += more;
            else if (Marshal.GetLastPInvokeError() is NoBuffers or TryAgain)
                Thread.Yield();
            else
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "sendmmsg");
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_frames);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(SafeFileHandle socket, LinkAddress* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeFileHandle socket, int level, int option, int* value, int length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint if_nametoindex(string name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sendmmsg(SafeFileHandle socket, Message* messages, uint count, int flags);

    // struct sockaddr_ll
    [StructLayout(LayoutKind.Sequential)]
    private struct LinkAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int Index;
        public ushort Hardware;
        public byte Kind;
        public byte AddressLength;
        public ulong Address;
    }

    // struct iovec
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Data;
        public nuint Length;
    }

    // struct mmsghdr
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        public uint Sent;
        public nuint Pad;
    }
}

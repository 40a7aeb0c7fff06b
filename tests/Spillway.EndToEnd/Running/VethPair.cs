using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.EndToEnd.Running;

/// <summary>
/// Two interfaces that are connected with each other, <c>v0</c> and <c>v1</c>, in a network namespace of the test's own: what is sent there
/// leaves it nowhere.
/// </summary>
public sealed partial class VethPair : IDisposable
{
    private const int AnyProtocol = 0x0300; // ETH_P_ALL in network byte order

    private readonly string _name = "spillway-" + Guid.NewGuid().ToString("N")[..8];

    /// <summary>Makes them, up. Skips the test where the kernel refuses.</summary>
    public VethPair()
    {
        Assert.SkipUnless(TryIp("netns", "add", _name), "network namespaces are not permitted here: they need root, and ip of iproute2");
        if (TryMake())
            return;
        Dispose();
        Assert.Skip("the kernel makes no veth pair here");
    }

    /// <summary>What to put before a command to run it there.</summary>
    public string[] Inside => ["netns", "exec", _name];

    /// <summary>Makes the pair, and sets both ends up.</summary>
    public void Make() => Assert.True(TryMake());

    /// <summary><c>ip link</c> there.</summary>
    public void Link(params string[] arguments) => Assert.True(TryIp(["-n", _name, "link", .. arguments]));

    /// <summary>Makes another pair there, <c>w0</c> and <c>w1</c>.</summary>
    public void MakeSecond() => Assert.True(TryMake("w0", "w1"));

    /// <summary>Sends frames into v1: they come out of v0.</summary>
    public void Send(IEnumerable<byte[]> frames) => Send(frames.Select(frame => (frame, false)));

    /// <summary>Sends frames, in their order, into v1 or, of the second pair, into w1.</summary>
    public void Send(IEnumerable<(byte[] Frame, bool OnSecond)> frames)
    {
        using SafeFileHandle first = OpenSender("v1");
        SafeFileHandle? second = null;
        foreach ((byte[] frame, bool isOnSecond) in frames)
        {
            SafeFileHandle sender = isOnSecond ? second ??= OpenSender("w1") : first;
            while (send(sender, frame, (nuint)frame.Length, 0) < 0)
            {
                const int noBuffers = 105;
                Assert.Equal(noBuffers, Marshal.GetLastPInvokeError());
                Thread.Yield();
            }
        }

        second?.Dispose();
    }

    /// <summary>Sends datagrams to 127.0.0.1 there.</summary>
    public void SendUdp(int port, IEnumerable<byte[]> datagrams)
    {
        Link("set", "lo", "up");
        Socket? made = null;
        Enter(() => made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        using Socket socket = made!;
        foreach (byte[] datagram in datagrams)
            socket.SendTo(datagram, new IPEndPoint(IPAddress.Loopback, port));
    }

    public void Dispose() => TryIp("netns", "del", _name);

    private static bool TryIp(params string[] arguments)
    {
        try
        {
            using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            ip.StandardError.ReadToEnd();
            ip.WaitForExit();
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private bool TryMake(string one = "v0", string other = "v1") =>
        TryIp("-n", _name, "link", "add", one, "type", "veth", "peer", "name", other)
        && TryIp("-n", _name, "link", "set", one, "up")
        && TryIp("-n", _name, "link", "set", other, "up");

    // On a thread that enters the namespace and ends: a socket that it makes stays there.
    private void Enter(Action action)
    {
        const int newNetwork = 0x40000000;
        string? fault = null;
        var thread = new Thread(() =>
        {
            using SafeFileHandle space = File.OpenHandle("/run/netns/" + _name);
            if (setns(space, newNetwork) == 0)
                action();
            else
                fault = "setns: " + Marshal.GetLastPInvokeErrorMessage();
        });
        thread.Start();
        thread.Join();
        Assert.Null(fault);
    }

    private SafeFileHandle OpenSender(string name)
    {
        SafeFileHandle? sender = null;
        string? fault = null;
        Enter(() =>
        {
            const int packetFamily = 17,
                raw = 3,
                packetLevel = 263,
                bypassQueues = 20;
            sender = new SafeFileHandle(socket(packetFamily, raw, 0), ownsHandle: true);
            byte[] address = new byte[20];
            BitConverter.TryWriteBytes(address, (ushort)packetFamily);
            BitConverter.TryWriteBytes(address.AsSpan(2), (ushort)AnyProtocol);
            BitConverter.TryWriteBytes(address.AsSpan(4), if_nametoindex(name));
            int one = 1;
            // Past the queues: those of an interface that has just come up drop all for a moment.
            if (bind(sender, address, address.Length) != 0 || setsockopt(sender, packetLevel, bypassQueues, in one, sizeof(int)) != 0)
                fault = "packet socket: " + Marshal.GetLastPInvokeErrorMessage();
        });
        Assert.Null(fault);
        return sender!;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle space, int kind);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(SafeFileHandle socket, byte[] address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeFileHandle socket, int level, int option, in int value, int length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint if_nametoindex(string name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeFileHandle socket, byte[] data, nuint length, int flags);
}

using System.Net;
using System.Net.Sockets;

namespace Spillway.EndToEnd.Running;

/// <summary>Sends frames to a probe that listens to a UDP socket, in VXLAN: live packets that need no right.</summary>
public sealed class Mirror : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public Mirror() => Port = FreePort(SocketType.Dgram);

    /// <summary>The probe's port.</summary>
    public int Port { get; }

    /// <summary>Given as <c>-i</c>.</summary>
    public string Interface => FormattableString.Invariant($"udp:127.0.0.1:{Port}");

    /// <summary>Sends frames, of network 1. A port that nobody listens to yet takes none, and that is no error.</summary>
    public void Send(IEnumerable<byte[]> frames)
    {
        foreach (byte[] frame in frames)
            _ = _socket.SendTo([8, 0, 0, 0, 0, 0, 1, 0, .. frame], new IPEndPoint(IPAddress.Loopback, Port));
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A port that nobody has at the moment.</summary>
    public static int FreePort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Ssh;

namespace Spillway.Net.Tests.Ssh;

public sealed class SshConnectionTests
{
    private const string ClientBanner = "SSH-2.0-OpenSSH_9.6 Debian-1";

    private static readonly string[] Lists = ["kex-a,kex-b", "key-a", "enc-c", "enc-s", "mac-c,mac-d", "mac-s", "zip-c", "none", "", ""];

    [Fact]
    public void Handshake_CutAtEachByte_TellsBothEnds()
    {
        byte[] client = [.. Encoding.ASCII.GetBytes(ClientBanner), 13, 10, .. Offer(Lists), .. new byte[80]];
        byte[] server = [.. "Welcome to the machine\r\nSSH-1.99-Cisco-1.25\n"u8, .. Offer(Lists)];
        for (int size = 1; size <= client.Length; size++)
        {
            var seen = new Recorder();
            SshConnection<Recorder> connection = Connection(seen);
            foreach (byte[] piece in client.Chunk(size))
                connection.OnData(StreamDirection.ClientToServer, piece);
            foreach (byte[] piece in server.Chunk(size))
                connection.OnData(StreamDirection.ServerToClient, piece);

            Assert.True(connection.IsDone);
            Assert.Equal(
                [
                    $"C {ClientBanner}|2.0|OpenSSH_9.6|kex-a,kex-b;enc-c;mac-c,mac-d;zip-c",
                    "S SSH-1.99-Cisco-1.25|1.99|Cisco-1.25|kex-a,kex-b;enc-s;mac-s;none",
                ],
                seen.Lines
            );
        }
    }

    [Fact]
    public void Hassh_IsTheMd5OfTheMethods()
    {
        var seen = new Recorder();
        SshConnection<Recorder> connection = Connection(seen);
        connection.OnData(StreamDirection.ClientToServer, [.. "SSH-2.0-a\r\n"u8, .. Offer(Lists)]);
        connection.Close();

        Assert.Equal(
            Convert.ToHexStringLower(MD5.HashData("kex-a,kex-b;enc-c;mac-c,mac-d;zip-c"u8)),
            Assert.Single(seen.Hasshes, hassh => hassh.Length > 0)
        );
    }

    [Fact]
    public void VersionOne_HasABannerAndNoMethods()
    {
        var seen = new Recorder();
        SshConnection<Recorder> connection = Connection(seen);
        connection.OnData(StreamDirection.ServerToClient, "SSH-1.5-1.2.27\n"u8);
        connection.OnData(StreamDirection.ClientToServer, "SSH-1.5-client\n"u8);

        Assert.True(connection.IsDone);
        Assert.Equal(["C SSH-1.5-client|1.5|client|", "S SSH-1.5-1.2.27|1.5|1.2.27|"], seen.Lines);
    }

    [Theory]
    [InlineData("00000000")] // no packet is that short
    [InlineData("7FFFFFFF00")]
    [InlineData("0000000C0A14")] // an offer without lists
    public void PacketThatIsNone_EndsTheSideAndKeepsTheBanner(string packet)
    {
        var seen = new Recorder();
        SshConnection<Recorder> connection = Connection(seen);
        connection.OnData(StreamDirection.ClientToServer, [.. "SSH-2.0-a\r\n"u8, .. Convert.FromHexString(packet), .. new byte[64]]);
        connection.Close();

        Assert.Equal("C SSH-2.0-a|2.0|a|", seen.Lines[0]);
    }

    [Fact]
    public void BytesThatNeverShowABanner_AreGivenUp()
    {
        var seen = new Recorder();
        var observer = new SshObserver();
        SshConnection<Recorder> connection = Connection(seen, observer);
        byte[] noise = [.. Enumerable.Repeat("x\n"u8.ToArray(), SshObserver.MaxBefore + 1).SelectMany(line => line)];
        connection.OnData(StreamDirection.ClientToServer, noise);
        connection.OnData(StreamDirection.ServerToClient, noise);

        Assert.True(connection.IsDone);
        Assert.False(connection.IsRecognised);
        Assert.Empty(seen.Lines);
        Assert.Equal(0, observer.Connections);
    }

    private static SshConnection<Recorder> Connection(Recorder seen, SshObserver? observer = null)
    {
        FlowKey key = FlowKey.Create(0x0A010203, 49152, 0x0A010204, 22, 6, 4, out _);
        return new SshConnection<Recorder>(new Flow(in key, 1, 0), seen, observer ?? new SshObserver());
    }

    // SSH_MSG_KEXINIT in a packet with 6 bytes of padding.
    private static byte[] Offer(string[] lists)
    {
        byte[] payload = [20, .. new byte[16], .. lists.SelectMany(list => Sized(Encoding.ASCII.GetBytes(list))), 0, 0, 0, 0, 0];
        return Sized([6, .. payload, .. new byte[6]]);
    }

    private static byte[] Sized(byte[] data)
    {
        byte[] sized = new byte[4 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(sized, data.Length);
        data.CopyTo(sized, 4);
        return sized;
    }

    private sealed class Recorder : ISshHandler
    {
        public List<string> Lines { get; } = [];
        public List<string> Hasshes { get; } = [];

        public void OnHandshake(Flow flow, SshSide client, SshSide server)
        {
            foreach ((char name, SshSide side) in new[] { ('C', client), ('S', server) })
            {
                Lines.Add($"{name} {Text(side.Banner)}|{Text(side.ProtocolVersion)}|{Text(side.Software)}|{Text(side.Methods)}");
                Hasshes.Add(side.Hassh);
            }
        }

        private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
    }
}

using System.Text;
using Spillway.Net.Protocols.Dhcp;

namespace Spillway.Net.Tests.Services;

public sealed class DhcpMessageTests
{
    [Fact]
    public void Read_Acknowledgment_HasLeaseAndName()
    {
        byte[] bytes = Message(2, 0xC0000207, 53, 1, 5, 0, 12, 3, (byte)'p', (byte)'c', 0, 51, 4, 0, 0, 0x0E, 0x10, 255, 53, 1, 1);

        Assert.True(DhcpMessage.TryRead(bytes, out DhcpMessage message));
        Assert.False(message.IsRequest);
        Assert.Equal(
            "5 C0000207 3600 pc 020000000001",
            $"{message.Type} {message.YourAddress:X8} {message.LeaseSeconds} {Encoding.ASCII.GetString(message.HostName)} "
                + Convert.ToHexString(message.HardwareAddress)
        );
    }

    [Fact]
    public void Read_MessageCutAnywhere_IsNoneOrHasNoOption()
    {
        byte[] bytes = Message(1, 0, 12, 200, (byte)'x');
        for (int length = 0; length <= bytes.Length; length++)
        {
            bool isRead = DhcpMessage.TryRead(bytes.AsSpan(0, length).ToArray(), out DhcpMessage message);

            Assert.Equal(length >= 236, isRead);
            Assert.True(!isRead || message.HostName.IsEmpty);
        }
    }

    [Fact]
    public void Read_OtherCookie_HasNoOptions()
    {
        byte[] bytes = Message(1, 0, 53, 1, 1, 255);
        bytes[236] ^= 1;

        Assert.True(DhcpMessage.TryRead(bytes, out DhcpMessage message));
        Assert.Equal(0, message.Type);
    }

    private static byte[] Message(byte operation, uint yourAddress, params byte[] options)
    {
        byte[] bytes = [.. new byte[240], .. options];
        (bytes[0], bytes[1], bytes[2]) = (operation, 1, 6);
        for (int i = 0; i < 4; i++)
            bytes[16 + i] = (byte)(yourAddress >> (24 - (8 * i)));
        (bytes[28], bytes[33]) = (2, 1);
        (bytes[236], bytes[237], bytes[238], bytes[239]) = (0x63, 0x82, 0x53, 0x63);
        return bytes;
    }
}

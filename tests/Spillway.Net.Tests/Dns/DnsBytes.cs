using System.Text;

namespace Spillway.Net.Tests.Dns;

/// <summary>DNS messages as peers would send them.</summary>
internal static class DnsBytes
{
    public static byte[] Message(
        ushort flags,
        byte[][] questions,
        byte[][] answers,
        byte[][]? authorities = null,
        byte[][]? additional = null
    ) =>
        [
            0x12,
            0x34,
            (byte)(flags >> 8),
            (byte)flags,
            0,
            (byte)questions.Length,
            0,
            (byte)answers.Length,
            0,
            (byte)(authorities?.Length ?? 0),
            0,
            (byte)(additional?.Length ?? 0),
            .. questions.Concat(answers).Concat(authorities ?? []).Concat(additional ?? []).SelectMany(part => part),
        ];

    public static byte[] Name(string name) =>
        [
            .. name.Split('.', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.Latin1.GetBytes(label)]),
            0,
        ];

    public static byte[] Question(string name, ushort type) => [.. Name(name), (byte)(type >> 8), (byte)type, 0, 1];

    public static byte[] Record(byte[] name, ushort type, byte[] data, uint ttl = 300, ushort recordClass = 1) =>
        [
            .. name,
            (byte)(type >> 8),
            (byte)type,
            (byte)(recordClass >> 8),
            (byte)recordClass,
            (byte)(ttl >> 24),
            (byte)(ttl >> 16),
            (byte)(ttl >> 8),
            (byte)ttl,
            (byte)(data.Length >> 8),
            (byte)data.Length,
            .. data,
        ];

    /// <summary>A pointer to the first question's name.</summary>
    public static byte[] ToQuestion => [0xC0, 12];

    /// <summary>One question for a type and one answer with its data.</summary>
    public static byte[] Answer(ushort type, byte[] data) =>
        Message(0x8180, [Question("www.example.org", type)], [Record(ToQuestion, type, data)]);
}

using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Spillway.Tests.Shared;

/// <summary>
/// Writes small databases in MaxMind's format (MaxMind DB File Format Specification 2.0): a search tree of networks, the records behind it,
/// and a map that describes both.
/// </summary>
/// <param name="ipVersion">6 holds IPv4 too, in ::/96; 4 holds nothing else.</param>
/// <param name="recordSize">Bits of a pointer in the tree: 24, 28 or 32.</param>
internal sealed class MmdbFile(int ipVersion = 6, int recordSize = 24)
{
    private const int Utf8 = 2,
        Double = 3,
        UInt16 = 5,
        UInt32 = 6,
        Map = 7,
        UInt64 = 9,
        Array = 11,
        Boolean = 14;

    private readonly Node _root = new();
    private readonly List<byte> _data = [];

    /// <summary>A map of texts, numbers, lists and maps.</summary>
    public static Dictionary<string, object> Of(params (string Name, object Value)[] fields) =>
        fields.ToDictionary(field => field.Name, field => field.Value);

    /// <summary>A place as MaxMind nests it.</summary>
    public static Dictionary<string, object> Named(string english, string? code = null)
    {
        Dictionary<string, object> place = Of(("names", Of(("de", english + " (de)"), ("en", english))), ("geoname_id", 1234u));
        if (code is not null)
            place["iso_code"] = code;
        return place;
    }

    /// <summary>Adds a record; a network within an earlier one takes its part of it.</summary>
    public MmdbFile Add(string network, object record)
    {
        string[] parts = network.Split('/');
        byte[] address = IPAddress.Parse(parts[0]).GetAddressBytes();
        int length = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        if (address.Length == 4 && ipVersion == 6)
            (address, length) = ([.. new byte[12], .. address], length + 96);
        int at = _data.Count;
        Write(record);
        Node node = _root;
        for (int i = 0; i < length; i++)
        {
            int side = (address[i / 8] >> (7 - (i % 8))) & 1;
            if (i == length - 1)
                (node.Children[side], node.Records[side]) = (null, at);
            else
                node = node.Child(side);
        }

        return this;
    }

    /// <summary>Writes the file.</summary>
    public string Save(string path)
    {
        File.WriteAllBytes(path, ToArray());
        return path;
    }

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        var nodes = new List<Node>();
        _root.Number(nodes);
        var file = new MemoryStream();
        foreach (Node node in nodes)
            file.Write(Pair(Pointer(node, 0, nodes.Count), Pointer(node, 1, nodes.Count)));
        file.Write(new byte[16]);
        file.Write([.. _data]);
        file.Write([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]);
        _data.Clear();
        Write(
            Of(
                ("binary_format_major_version", (ushort)2),
                ("binary_format_minor_version", (ushort)0),
                ("build_epoch", 1_700_000_000UL),
                ("database_type", "Test"),
                ("description", Of(("en", "A test"))),
                ("ip_version", (ushort)ipVersion),
                ("languages", new List<object> { "en" }),
                ("node_count", (uint)nodes.Count),
                ("record_size", (ushort)recordSize)
            )
        );
        file.Write([.. _data]);
        return file.ToArray();
    }

    private static uint Pointer(Node node, int side, int count) =>
        node.Children[side] is { } child ? (uint)child.Index
        : node.Records[side] is { } record ? (uint)(count + 16 + record)
        : (uint)count;

    private byte[] Pair(uint left, uint right) =>
        recordSize switch
        {
            24 => [.. Bytes(left)[1..], .. Bytes(right)[1..]],
            28 => [.. Bytes(left)[1..], (byte)(((left >> 24) << 4) | (right >> 24)), .. Bytes(right)[1..]],
            _ => [.. Bytes(left), .. Bytes(right)],
        };

    private static byte[] Bytes(ulong number, int width = 4)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes[^width..];
    }

    private void Write(object value)
    {
        switch (value)
        {
            case string text:
                byte[] utf8 = Encoding.UTF8.GetBytes(text);
                Begin(Utf8, utf8.Length);
                _data.AddRange(utf8);
                break;
            case double number:
                Begin(Double, 8);
                _data.AddRange(Bytes(BitConverter.DoubleToUInt64Bits(number), 8));
                break;
            case bool flag:
                Begin(Boolean, flag ? 1 : 0);
                break;
            case ushort or uint or ulong:
                ulong whole = Convert.ToUInt64(value, null);
                int width = (71 - System.Numerics.BitOperations.LeadingZeroCount(whole)) / 8;
                Begin(
                    value is ushort ? UInt16
                        : value is uint ? UInt32
                        : UInt64,
                    width
                );
                _data.AddRange(Bytes(whole, width));
                break;
            case List<object> list:
                Begin(Array, list.Count);
                foreach (object item in list)
                    Write(item);
                break;
            case Dictionary<string, object> map:
                Begin(Map, map.Count);
                foreach ((string name, object field) in map)
                {
                    Write(name);
                    Write(field);
                }

                break;
            default:
                throw new ArgumentException($"no type of the format for {value.GetType()}");
        }
    }

    private void Begin(int type, int size)
    {
        int control =
            size < 29 ? size
            : size < 285 ? 29
            : 30;
        _data.Add((byte)((type > 7 ? 0 : type << 5) | control));
        if (type > 7)
            _data.Add((byte)(type - 7));
        if (control == 29)
            _data.Add((byte)(size - 29));
        if (control == 30)
            _data.AddRange(Bytes((ulong)(size - 285), 2));
    }

    private sealed class Node
    {
        public Node?[] Children { get; } = new Node?[2];

        public int?[] Records { get; } = new int?[2];

        public int Index { get; private set; }

        // What was a record of the whole becomes one of each half.
        public Node Child(int side)
        {
            if (Children[side] is { } child)
                return child;
            child = new Node();
            child.Records[0] = child.Records[1] = Records[side];
            Records[side] = null;
            return Children[side] = child;
        }

        public void Number(List<Node> nodes)
        {
            Index = nodes.Count;
            nodes.Add(this);
            Children[0]?.Number(nodes);
            Children[1]?.Number(nodes);
        }
    }
}

using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Fuzz;

/// <summary>
/// An observer of streams. An input is a row of pieces, each behind a byte that says what it is and two for its length: data of either
/// direction, a gap, or an end.
/// </summary>
/// <param name="port">The server's port.</param>
/// <param name="seeds">Conversations to begin with: lines, of which those of the server begin with <c>&lt;</c>.</param>
internal abstract class StreamTarget(ushort port, params string[] seeds) : Target
{
    private const int HeaderBytes = 3;

    public static void Append(List<byte> pieces, bool fromClient, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int length = Math.Min(data.Length, ushort.MaxValue);
            pieces.AddRange([fromClient ? (byte)0 : (byte)1, (byte)(length >> 8), (byte)length]);
            pieces.AddRange(data[..length]);
            data = data[length..];
        }
    }

    public override IEnumerable<byte[]> SeedsFrom(Seeds inputs) => seeds.Select(Parse).Concat(inputs.Conversations(6, port));

    public override void Run(ReadOnlySpan<byte> input)
    {
        FlowKey key = FlowKey.Create(0x0A010203, 49152, 0x0A010204, port, 6, 4, out _);
        var flow = new Flow(in key, 1, 1_000_000_000);
        if (input.Length % 2 == 0)
            flow.State |= FlowState.SeenSyn;
        Begin(flow);
        Span<long> offsets = stackalloc long[2];
        offsets.Clear();
        while (input.Length >= HeaderBytes)
        {
            int kind = input[0] & 7;
            var direction = (StreamDirection)(kind & 1);
            int length = (input[1] << 8) | input[2];
            ReadOnlySpan<byte> data = input[HeaderBytes..];
            data = data[..Math.Min(length, data.Length)];
            input = input[(HeaderBytes + (kind < 2 || kind == 6 ? data.Length : 0))..];
            ref long offset = ref offsets[kind & 1];
            switch (kind)
            {
                case 0 or 1 or 6:
                    if (!data.IsEmpty)
                        Data(direction, offset, offsets[1 - (kind & 1)], data);
                    offset += data.Length;
                    break;
                case 2 or 3:
                    Gap(direction, length + 1);
                    offset += length + 1;
                    break;
                case 4 or 5:
                    End(direction);
                    break;
            }
        }

        Close();
        if (HeldBytes != 0)
            throw new FindingException($"{HeldBytes} bytes are held after the connection has ended");
    }

    /// <summary>What the connection holds; 0 after its end.</summary>
    protected virtual long HeldBytes => 0;

    protected abstract void Begin(Flow flow);

    protected abstract void Data(StreamDirection direction, long offset, long acknowledged, ReadOnlySpan<byte> data);

    protected abstract void Gap(StreamDirection direction, long length);

    protected abstract void End(StreamDirection direction);

    protected abstract void Close();

    private static byte[] Parse(string text)
    {
        List<byte> pieces = [];
        foreach (string line in text.Split('\n'))
        {
            bool fromServer = line.StartsWith('<');
            Append(pieces, !fromServer, Encoding.Latin1.GetBytes((fromServer ? line[1..] : line) + "\r\n"));
        }

        return [.. pieces];
    }
}

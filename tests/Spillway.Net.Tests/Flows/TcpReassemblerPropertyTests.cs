using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Tcp;

namespace Spillway.Net.Tests.Flows;

/// <summary>Random traffic. Each round has its own seed, which a failure names.</summary>
public class TcpReassemblerPropertyTests
{
    private const int Rounds = 400;

    [Fact]
    public void Process_AnyCutShuffleRepetitionAndOverlap_GivesExactlyTheStream()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            byte[] stream = new byte[random.Next(1, 20_000)];
            random.NextBytes(stream);
            var tcp = new TcpHarness { ClientIsn = (uint)random.NextInt64(1L << 32) };
            if (random.Next(2) == 0)
                tcp = new TcpHarness { ClientIsn = uint.MaxValue - (uint)random.Next(stream.Length + 1) };
            tcp.Connect();
            foreach ((int start, int length) in Shuffle(Cut(stream.Length, random), random))
            {
                SendPart(tcp, stream, start, length);
                if (random.Next(4) == 0)
                    tcp.ServerAck(tcp.Recorder.Next(tcp.Flow, StreamDirection.ClientToServer));
            }

            tcp.End();
            Assert.True(stream.AsSpan().SequenceEqual(tcp.Recorder.Data(tcp.Flow, StreamDirection.ClientToServer)), $"seed {seed}");
            Assert.Equal(0, tcp.Statistics.Gaps);
            Assert.Equal(0, tcp.Statistics.ConflictingOverlaps);
            Assert.Equal(0, tcp.Statistics.MemoryInUse);
        }
    }

    [Fact]
    public void Process_SegmentsLost_DataAndGapsCoverTheStreamExactly()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            byte[] stream = new byte[random.Next(1, 20_000)];
            random.NextBytes(stream);
            var tcp = new TcpHarness(new TcpReassemblerOptions { AcknowledgedHoleSegments = random.Next(1, 64) });
            tcp.Connect();
            bool[] sent = new bool[stream.Length];
            foreach ((int start, int length) in Shuffle(Cut(stream.Length, random), random))
            {
                if (random.Next(5) == 0)
                    continue;
                SendPart(tcp, stream, start, length);
                sent.AsSpan(start, length).Fill(true);
                if (random.Next(4) == 0)
                    tcp.ServerAck(random.Next(start + length + 1));
            }

            tcp.ClientData(stream.Length, "", TcpFlags.Fin).End();
            Assert.Equal(stream.Length, tcp.Recorder.Next(tcp.Flow, StreamDirection.ClientToServer));

            // Put together again: every byte where it belongs, and whatever is in no gap was sent.
            byte[] expected = (byte[])stream.Clone();
            byte[] actual = new byte[stream.Length];
            ReadOnlySpan<byte> data = tcp.Recorder.Data(tcp.Flow, StreamDirection.ClientToServer);
            int position = 0;
            foreach ((long offset, long length) in tcp.Recorder.Gaps(tcp.Flow, StreamDirection.ClientToServer))
            {
                data[..((int)offset - position)].CopyTo(actual.AsSpan(position));
                data = data[((int)offset - position)..];
                position = (int)(offset + length);
                expected.AsSpan((int)offset, (int)length).Clear();
                sent.AsSpan((int)offset, (int)length).Fill(true);
            }

            data.CopyTo(actual.AsSpan(position));
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"seed {seed}");
            Assert.True(!sent.Contains(false), $"seed {seed}: bytes that were never sent came out");
            Assert.Equal(0, tcp.Statistics.MemoryInUse);
        }
    }

    [Fact]
    public void Process_RandomSegments_TileEachStreamAndFreeAllMemory()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var options = new TcpReassemblerOptions
            {
                MaxBytes = 64 << 10,
                MaxBytesPerStream = random.Next(2) == 0 ? 64 << 10 : 4 << 20,
                MaxSegmentsPerStream = random.Next(16, 64),
                AcknowledgedHoleSegments = random.Next(1, 20),
            };
            var tcp = new TcpHarness(options, new FlowTableOptions { MaxFlows = 3 });
            int spread = 1 << random.Next(4, 31);
            if (random.Next(4) == 0)
                tcp.Recorder.OnBytes = flow => Disturb(tcp, flow, random);
            byte[] payload = new byte[70_000];
            random.NextBytes(payload);
            for (int i = 0; i < 500; i++)
            {
                tcp.ClientPort = (ushort)(40000 + random.Next(4));
                tcp.NowNs += random.Next(20) == 0 ? random.NextInt64(-10 * TcpHarness.Second, 10 * TcpHarness.Second) : 0;
                var flags = random.Next(3) == 0 ? (TcpFlags)random.Next(256) : TcpFlags.Ack;
                int length = random.Next(50) == 0 ? random.Next(payload.Length) : random.Next(0, 100);
                int wire = random.Next(10) == 0 ? length + random.Next(100) : length;
                uint sequence = (uint)random.Next(spread) - (uint)random.Next(spread);
                uint acknowledgment = (uint)random.Next(spread) - (uint)random.Next(spread);
                tcp.Send(random.Next(2) == 0, sequence, acknowledgment, flags, payload.AsSpan(0, length), wire);
                Assert.InRange(tcp.Statistics.MemoryInUse, 0, options.MaxBytes);
            }

            tcp.End();
            Assert.True(tcp.Statistics.MemoryInUse == 0, $"seed {seed}");
            Assert.Equal(tcp.Recorder.Started.Count, tcp.Recorder.Ended.Count);
        }
    }

    private static void Disturb(TcpHarness tcp, Flow flow, Random random)
    {
        if (random.Next(50) == 0)
            flow.WantsReassembly = false;
        if (random.Next(50) == 0)
            tcp.Table.Terminate(flow);
    }

    private static void SendPart(TcpHarness tcp, byte[] stream, int start, int length) =>
        tcp.Send(true, tcp.ClientIsn + 1 + (uint)start, tcp.ServerIsn + 1, TcpFlags.Ack, stream.AsSpan(start, length));

    /// <summary>Cuts a stream into segments; some reach back over the one before, some come twice.</summary>
    private static List<(int Start, int Length)> Cut(int total, Random random)
    {
        var parts = new List<(int, int)>();
        for (int position = 0; position < total; )
        {
            int length = Math.Min(total - position, random.Next(1, 1500));
            int back = random.Next(4) == 0 ? random.Next(Math.Min(position, 3000) + 1) : 0;
            parts.Add((position - back, length + back));
            if (random.Next(8) == 0)
                parts.Add((position, random.Next(1, length + 1)));
            position += length;
        }

        return parts;
    }

    /// <summary>Moves each part by a few places, as a network does.</summary>
    private static List<(int Start, int Length)> Shuffle(List<(int Start, int Length)> parts, Random random) =>
        parts
            .Select((part, i) => (part, Place: i + (random.NextDouble() * 8)))
            .OrderBy(entry => entry.Place)
            .Select(entry => entry.part)
            .ToList();
}

using System.Buffers;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>
/// The codings of one body, undone one behind the other. The caller gives coded bytes and takes decoded ones, piece by piece; memory is
/// fixed, whatever the body expands to.
/// </summary>
internal sealed class ContentPipeline : IDisposable
{
    private const int BetweenBytes = 8 * 1024;

    // The outermost coding, which was applied last, is stage 0.
    private readonly CodingStage[] _stages;
    private readonly Between[] _between;

    public ContentPipeline(in CodingList codings)
    {
        _stages = new CodingStage[codings.Count];
        _between = new Between[codings.Count - 1];
        for (int i = 0; i < _stages.Length; i++)
            _stages[i] = new CodingStage(codings[codings.Count - 1 - i]);
        for (int i = 0; i < _between.Length; i++)
            _between[i].Buffer = ArrayPool<byte>.Shared.Rent(BetweenBytes);
    }

    /// <summary>Coded bytes taken so far.</summary>
    public long Consumed { get; private set; }

    /// <summary>True if the content was not in a coding that the header names.</summary>
    public bool HasMismatch
    {
        get
        {
            foreach (CodingStage stage in _stages)
            {
                if (stage.IsMismatch)
                    return true;
            }

            return false;
        }
    }

    /// <summary>True if the coded content was damaged.</summary>
    public bool IsFailed
    {
        get
        {
            foreach (CodingStage stage in _stages)
            {
                if (stage.IsFailed)
                    return true;
            }

            return false;
        }
    }

    /// <summary>True if every coded stream was whole; asked once, when all was read with <c>final</c>.</summary>
    public bool IsComplete()
    {
        foreach (CodingStage stage in _stages)
        {
            if (!stage.IsComplete())
                return false;
        }

        return true;
    }

    /// <summary>Makes decoded bytes. Called again until it returns 0; then all of <paramref name="source"/> was taken.</summary>
    /// <param name="final">True if no more source will come.</param>
    public int Read(ref ReadOnlySpan<byte> source, Span<byte> output, bool final)
    {
        int before = source.Length;
        int written = Read(_stages.Length - 1, ref source, output, final);
        Consumed += before - source.Length;
        return written;
    }

    public void Dispose()
    {
        foreach (CodingStage stage in _stages)
            stage.Dispose();
        for (int i = 0; i < _between.Length; i++)
        {
            if (_between[i].Buffer is { } buffer)
                ArrayPool<byte>.Shared.Return(buffer);
            _between[i] = default;
        }
    }

    private int Read(int stage, ref ReadOnlySpan<byte> source, Span<byte> output, bool final)
    {
        if (stage == 0)
            return _stages[0].Read(ref source, output, final);

        ref Between between = ref _between[stage - 1];
        while (true)
        {
            bool last = false;
            if (between.Start == between.End)
            {
                between.Start = 0;
                between.End = Read(stage - 1, ref source, between.Buffer, final);
                if (between.End == 0 && !final)
                    return 0;
                last = between.End == 0;
            }

            ReadOnlySpan<byte> input = between.Buffer.AsSpan(between.Start, between.End - between.Start);
            int written = _stages[stage].Read(ref input, output, last);
            between.Start = between.End - input.Length;
            if (written > 0 || last)
                return written;
        }
    }

    private struct Between
    {
        public byte[] Buffer;
        public int Start;
        public int End;
    }
}

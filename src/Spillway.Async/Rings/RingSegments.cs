using System.Runtime.InteropServices;

namespace Spillway.Async.Rings;

/// <summary>
/// The memory of one direction of a ring: a row of segments, of which the writer adds and the reader frees one now and then. What is
/// unread beyond the reader's own segment is charged to an account.
/// </summary>
internal sealed unsafe class RingSegments(MemoryBudget account)
{
    /// <summary>Bytes of a segment, unless a record needs more.</summary>
    public const int SegmentBytes = 64 << 10;

    private readonly Lock _lock = new();
    private readonly Queue<(nint Memory, int Bytes)> _segments = new();
    private nint _spare;

    /// <summary>The first segment.</summary>
    public void Begin(ref RingRecord* at, ref byte* end)
    {
        nint memory = Add(0, charge: false, out int bytes);
        at = (RingRecord*)memory;
        end = (byte*)memory + bytes - sizeof(RingJump);
    }

    /// <summary>One more, behind a record at <paramref name="at"/> that leads there.</summary>
    public void Grow(ref RingRecord* at, ref byte* end, int least)
    {
        var jump = (RingJump*)at;
        nint memory = Add(least, charge: true, out int bytes);
        at = (RingRecord*)memory;
        end = (byte*)memory + bytes - sizeof(RingJump);
        jump->Size = 0;
        jump->Next = at;
        Volatile.Write(ref jump->Kind, (int)RingRecordKind.Jump);
    }

    /// <summary>The reader has come to the end of its segment: it goes on in the next.</summary>
    public void Follow(ref RingRecord* at)
    {
        RingRecord* next = ((RingJump*)at)->Next;
        lock (_lock)
        {
            (nint memory, int bytes) = _segments.Dequeue();
            if (bytes == SegmentBytes && _spare == 0)
                _spare = memory;
            else
                NativeMemory.Free((void*)memory);
            account.Return(_segments.Peek().Bytes);
        }

        at = next;
    }

    /// <summary>Frees all of it.</summary>
    public void Free()
    {
        lock (_lock)
        {
            NativeMemory.Free((void*)_spare);
            _spare = 0;
            if (_segments.TryDequeue(out (nint Memory, int Bytes) first))
                NativeMemory.Free((void*)first.Memory);
            while (_segments.TryDequeue(out (nint Memory, int Bytes) segment))
            {
                account.Return(segment.Bytes);
                NativeMemory.Free((void*)segment.Memory);
            }
        }
    }

    private nint Add(int least, bool charge, out int bytes)
    {
        bytes = Math.Max(SegmentBytes, least + sizeof(RingJump));
        lock (_lock)
        {
            nint memory = 0;
            if (bytes == SegmentBytes)
                (memory, _spare) = (_spare, 0);
            if (memory == 0)
                memory = (nint)NativeMemory.Alloc((nuint)bytes);
            _segments.Enqueue((memory, bytes));
            if (charge)
                account.Take(bytes);
            return memory;
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Spillway.Metrics.Records;

namespace Spillway.Scripting.Native;

/// <summary>The session, alert, resource or document of the callback that runs. <c>sw_item</c> in <c>cdef.lua</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ItemView
{
    public long TimestampNs;
    public long FirstNs;
    public long LastNs;
    public ItemCounters Counters;
    public int State;
    public int SetupRtt;
    public int Retransmissions;
    public int Priority;
    public ItemTexts Texts;
}

/// <summary>Bytes, packets and payload of both directions, in the order of a flow's meters.</summary>
[InlineArray(6)]
internal struct ItemCounters
{
    private double _first;
}

/// <summary>Texts by <see cref="ItemText"/>.</summary>
[InlineArray(6)]
internal struct ItemTexts
{
    private NativeBytes _first;
}

/// <summary>Fields of an item that are texts, and those that <c>set_item</c> may set besides.</summary>
internal enum ItemText
{
    /// <summary>Flow id.</summary>
    Flow = 0,

    /// <summary>Signature, uri, document key; of a session its tags.</summary>
    Key = 1,

    /// <summary>Message, label, text.</summary>
    Text = 2,

    /// <summary>Classification.</summary>
    Classification = 3,

    /// <summary>Status.</summary>
    Status = 4,

    /// <summary>Further message.</summary>
    Extra = 5,

    /// <summary>Not a text: the priority.</summary>
    Priority = 6,
}

/// <summary>
/// The memory in which scripts read an item, and change it: written once for all callbacks it is shown to. One for each engine, on its
/// thread. What a script sets is seen by the scripts after it, and by whoever asks for <see cref="Changes"/>.
/// </summary>
internal sealed unsafe class ItemBuffer : IDisposable
{
    private const int TextCount = 6;

    private readonly nint[] _texts = new nint[TextCount];
    private readonly long[] _capacities = new long[TextCount];

    /// <summary>The record, at a fixed address.</summary>
    public ItemView* View { get; } = (ItemView*)NativeMemory.AllocZeroed((nuint)sizeof(ItemView));

    /// <summary>Bits of the fields that scripts have set since <see cref="Clear"/>.</summary>
    public int Changes { get; private set; }

    /// <summary>Whether a field was set.</summary>
    public bool HasChanged(ItemText field) => (Changes & (1 << (int)field)) != 0;

    /// <summary>Begins another item.</summary>
    public void Clear()
    {
        Changes = 0;
        *View = default;
    }

    /// <summary>Gives a text for scripts to read.</summary>
    public void Put(ItemText field, string text)
    {
        long most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte* memory = Room(field, most);
        int length = Encoding.UTF8.GetBytes(text, new Span<byte>(memory, (int)Math.Min(most, int.MaxValue)));
        View->Texts[(int)field] = new NativeBytes { Data = memory, Length = length };
    }

    /// <summary>A script sets a field.</summary>
    public void Set(ItemText field, ReadOnlySpan<byte> text, double number)
    {
        if (field == ItemText.Priority)
        {
            View->Priority = (int)number;
        }
        else
        {
            byte* memory = Room(field, text.Length);
            text.CopyTo(new Span<byte>(memory, text.Length));
            View->Texts[(int)field] = new NativeBytes { Data = memory, Length = text.Length };
        }

        Changes |= 1 << (int)field;
    }

    /// <summary>A text as records keep it.</summary>
    public string Read(ItemText field, int maxBytes) => WireText.Decode(View->Texts[(int)field].Span, maxBytes);

    /// <summary>The flow counters of a session.</summary>
    public void PutCounters(in FlowRecord flow)
    {
        ref ItemCounters counters = ref View->Counters;
        counters[0] = flow.BytesAZ;
        counters[1] = flow.BytesZA;
        counters[2] = flow.PacketsAZ;
        counters[3] = flow.PacketsZA;
        counters[4] = flow.PayloadAZ;
        counters[5] = flow.PayloadZA;
        View->TimestampNs = flow.LastNs;
        View->FirstNs = flow.FirstNs;
        View->LastNs = flow.LastNs;
        View->State = (int)flow.State;
        View->SetupRtt = flow.SetupRttMicroseconds;
        View->Retransmissions = flow.Retransmissions;
    }

    /// <summary>When it was, and how urgent it is.</summary>
    public void PutTime(long timestampNs, int priority = 0)
    {
        View->TimestampNs = timestampNs;
        View->Priority = priority;
    }

    /// <summary>The priority, as scripts have left it.</summary>
    public int Priority => View->Priority;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint text in _texts)
            NativeMemory.Free((void*)text);
        NativeMemory.Free(View);
    }

    private byte* Room(ItemText field, long bytes)
    {
        int i = (int)field;
        if (_capacities[i] < bytes || _texts[i] == 0)
        {
            _capacities[i] = Math.Max(256, bytes + (bytes / 2));
            _texts[i] = (nint)NativeMemory.Realloc((void*)_texts[i], (nuint)_capacities[i]);
        }

        return (byte*)_texts[i];
    }
}

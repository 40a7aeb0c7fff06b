using System.Runtime.CompilerServices;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

/// <summary>
/// The keys of one counter group in one window, each with a row of cells. An open-addressing table over key bytes in an arena:
/// an update of a known key hashes it once, compares it once, and allocates nothing. Owned by one thread at a time:
/// first by a lane, then by the writer.
/// </summary>
/// <remarks>
/// Rows are numbered in order of arrival, so that what is written does not depend on the hash. Row 0 is
/// <c>SYS:GROUP_TOTALS</c>; its cells are computed when the window is closed, except for the sums of keys that had to make room.
/// </remarks>
public sealed partial class CounterTable
{
    /// <summary>The row of the group's totals.</summary>
    public const int TotalsRow = 0;

    private const int MinSlots = 64;
    private const int RowsPerSlabBits = 8;
    private const int RowsPerSlab = 1 << RowsPerSlabBits;

    // Most tables have a handful of keys: the first slab grows.
    private const int RowsOfFirstSlab = 16;

    private readonly CellLayout _layout;
    private KeyArena _keys = new();
    private Slot[] _slots = new Slot[MinSlots];
    private RowSlab[] _slabs = [];
    private int _slabCount;
    private int _rowCount;

    /// <summary>Creates an empty table.</summary>
    public CounterTable(CounterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        Group = group;
        _layout = group.Layout;
        AddRow(TotalsKey, KeyHash.Compute(TotalsKey));
    }

    /// <summary>The key of the group's totals.</summary>
    public static ReadOnlySpan<byte> TotalsKey => "SYS:GROUP_TOTALS"u8;

    /// <summary>The group.</summary>
    public CounterGroup Group { get; }

    /// <summary>Rows, the one of the totals included.</summary>
    public int RowCount => _rowCount;

    /// <summary>Keys, without that of the totals.</summary>
    public int KeyCount => _rowCount - 1;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes =>
        _keys.MemoryBytes
        + (_slots.Length * (long)Unsafe.SizeOf<Slot>())
        + ((((_slabCount - 1) * (long)RowsPerSlab) + _slabs[0].Keys.Length) * (sizeof(int) + (_layout.Width * sizeof(double))));

    /// <summary>Bytes that the keys there are take, with their rows.</summary>
    internal long UsedBytes =>
        _keys.UsedBytes + (_rowCount * (long)((2 * Unsafe.SizeOf<Slot>()) + sizeof(int) + (_layout.Width * sizeof(double))));

    /// <summary>False if the group got more meters since this table was made: it then ends with its window.</summary>
    internal bool IsCurrent => ReferenceEquals(_layout, Group.Layout);

    /// <summary>Number of meters this table has room for.</summary>
    public int MeterCount => _layout.Cells.Length;

    /// <summary>Adds one sample.</summary>
    /// <param name="key">At most 255 bytes.</param>
    /// <param name="meter">Meter id.</param>
    /// <param name="value">The sample; finite.</param>
    internal UpdateResult Update(ReadOnlySpan<byte> key, int meter, double value)
    {
        ReadOnlySpan<CellLayout.Cell> layout = _layout.Cells;
        if ((uint)meter >= (uint)layout.Length)
            return UpdateResult.UnknownMeter;
        CellLayout.Cell cell = layout[meter];
        if (cell.Type == MeterType.None)
            return UpdateResult.UnknownMeter;

        ulong hash = KeyHash.Compute(key);
        int row = Find(key, hash);
        var result = UpdateResult.Updated;
        if (row < 0)
        {
            result = KeyCount < MaxKeys ? UpdateResult.Added : UpdateResult.Evicted;
            row = AddOrReplace(key, hash);
        }

        AddSample(CellsAt(row, cell.Offset), cell.Type, value);
        return result;
    }

    /// <summary>The row of a key, added if need be. A further key of a full table takes the place of the least.</summary>
    internal int RowOf(ReadOnlySpan<byte> key) => RowOf(key, KeyHash.Compute(key));

    /// <summary>The same with the key's hash, for keys that go into several tables.</summary>
    internal int RowOf(ReadOnlySpan<byte> key, ulong hash)
    {
        int row = Find(key, hash);
        return row >= 0 ? row : AddOrReplace(key, hash);
    }

    /// <summary>
    /// Adds to a sum (a counter or rate) of a row. Nothing to add leaves the cell as it is, and meters that the group lacks do too.
    /// </summary>
    internal void Add(int row, int meter, long value)
    {
        if (value == 0 || (uint)meter >= (uint)_layout.Cells.Length)
            return;
        CellLayout.Cell cell = _layout.Cells[meter];
        if (cell.Type == MeterType.None)
            return;
        ref double sum = ref CellAt(row, cell.Offset);
        sum = double.IsNaN(sum) ? value : sum + value;
    }

    /// <summary>Adds a sample to a meter of any type.</summary>
    internal void AddSample(int row, int meter, double value)
    {
        if ((uint)meter >= (uint)_layout.Cells.Length || _layout.Cells[meter] is not { Type: not MeterType.None } cell)
            return;
        AddSample(CellsAt(row, cell.Offset), cell.Type, value);
    }

    /// <summary>The key of a row, valid until the table is cleared.</summary>
    public ReadOnlySpan<byte> KeyAt(int row) => _keys[_slabs[row >> RowsPerSlabBits].Keys[row & (RowsPerSlab - 1)]];

    /// <summary>The row of a key, or -1.</summary>
    public int FindRow(ReadOnlySpan<byte> key) => Find(key, KeyHash.Compute(key));

    /// <summary>What a meter of a row has gathered.</summary>
    /// <param name="row">Row number.</param>
    /// <param name="meter">Meter id.</param>
    /// <param name="value">Sum, last, mean, largest or smallest sample, by the meter's type; for rates the sum, not yet divided by
    /// seconds.</param>
    /// <param name="samples">Number of samples of an average; 0 for other types.</param>
    /// <returns>False if there is no value, for want of samples or since the row was dropped.</returns>
    public bool TryGetValue(int row, int meter, out double value, out long samples)
    {
        value = 0;
        samples = 0;
        if ((uint)meter >= (uint)_layout.Cells.Length || (_dropped is not null && IsDropped(row)))
            return false;
        CellLayout.Cell cell = _layout.Cells[meter];
        switch (cell.Type)
        {
            case MeterType.None:
                return false;
            case MeterType.Average:
                samples = (long)CellAt(row, cell.Offset + 1);
                value = CellAt(row, cell.Offset) / samples;
                break;
            case MeterType.DeltaRateCounter:
                value = CellAt(row, cell.Offset + 2);
                break;
            default:
                value = CellAt(row, cell.Offset);
                break;
        }

        return double.IsFinite(value);
    }

    /// <summary>Makes the table as new. Memory that the last round needed is kept, memory that it did not is given back.</summary>
    internal void Clear()
    {
        int wanted = Math.Max(MinSlots, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_rowCount * 2));
        if (wanted * 2 < _slots.Length)
            _slots = new Slot[wanted];
        else
            Array.Clear(_slots);

        int needed = (_rowCount + RowsPerSlab - 1) >> RowsPerSlabBits;
        for (int i = 0; i < needed; i++)
            _slabs[i].Cells.AsSpan().Fill(double.NaN);
        Array.Clear(_slabs, needed, _slabCount - needed);
        _slabCount = needed;
        _keys.Clear();
        _rowCount = 0;
        ForgetEvictions();
        _dropped = null;
        AddRow(TotalsKey, KeyHash.Compute(TotalsKey));
    }

    private static void AddSample(Span<double> cells, MeterType type, double value)
    {
        ref double cell = ref cells[0];
        // A comparison with NaN is false: "not greater or equal" also holds for a cell without a sample.
        switch (type)
        {
            case MeterType.Counter:
            case MeterType.RateCounter:
            case MeterType.RunningCounter:
                cell = double.IsNaN(cell) ? value : cell + value;
                break;
            case MeterType.Gauge:
                cell = value;
                break;
            case MeterType.Maximum:
                if (!(cell >= value))
                    cell = value;
                break;
            case MeterType.Minimum:
                if (!(cell <= value))
                    cell = value;
                break;
            case MeterType.Average:
                cell = double.IsNaN(cell) ? value : cell + value;
                cells[1] = double.IsNaN(cells[1]) ? 1 : cells[1] + 1;
                break;
            case MeterType.DeltaRateCounter:
                AddReading(ref cell, ref cells[1], ref cells[2], value);
                break;
        }
    }

    private static void AddReading(ref double first, ref double last, ref double increase, double reading)
    {
        if (double.IsNaN(first))
            first = reading;
        else if (reading >= last)
            increase = (double.IsNaN(increase) ? 0 : increase) + (reading - last);
        last = reading;
    }

    private ref double CellAt(int row, int offset) => ref CellsAt(row, offset)[0];

    private Span<double> CellsAt(int row, int offset) =>
        _slabs[row >> RowsPerSlabBits].Cells.AsSpan(((row & (RowsPerSlab - 1)) * _layout.Width) + offset);

    private int Find(ReadOnlySpan<byte> key, ulong hash)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            Slot slot = slots[i];
            if (slot.RowPlusOne == 0)
                return -1;
            if (slot.Tag == (uint)hash && KeyAt(slot.RowPlusOne - 1).SequenceEqual(key))
                return slot.RowPlusOne - 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int AddRow(ReadOnlySpan<byte> key, ulong hash)
    {
        if ((_rowCount + 1) * 4 > _slots.Length * 3)
            GrowSlots(_slots.Length * 2);
        int row = _rowCount;
        if (row >> RowsPerSlabBits == _slabCount)
            AddSlab();
        else if (row < RowsPerSlab && row == _slabs[0].Keys.Length)
            GrowFirstSlab();
        _slabs[row >> RowsPerSlabBits].Keys[row & (RowsPerSlab - 1)] = _keys.Add(key);
        _rowCount = row + 1;
        Insert(_slots, new Slot((uint)hash, row + 1));
        return row;
    }

    private void AddSlab()
    {
        if (_slabCount == _slabs.Length)
            Array.Resize(ref _slabs, Math.Max(4, _slabs.Length * 2));
        int rows = _slabCount == 0 ? RowsOfFirstSlab : RowsPerSlab;
        double[] cells = GC.AllocateUninitializedArray<double>(rows * _layout.Width);
        cells.AsSpan().Fill(double.NaN);
        _slabs[_slabCount++] = new RowSlab(new int[rows], cells);
    }

    private void GrowFirstSlab()
    {
        (int[] keys, double[] cells) = _slabs[0];
        int used = cells.Length;
        Array.Resize(ref keys, Math.Min(RowsPerSlab, keys.Length * 4));
        Array.Resize(ref cells, keys.Length * _layout.Width);
        cells.AsSpan(used).Fill(double.NaN);
        _slabs[0] = new RowSlab(keys, cells);
    }

    // At once, where the number of keys is known before they come.
    private void ReserveSlots(int rows)
    {
        uint wanted = System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(rows + 1L) * 4 / 3);
        if (wanted > _slots.Length)
            GrowSlots((int)wanted);
    }

    private void GrowSlots(int slots)
    {
        var grown = new Slot[slots];
        foreach (Slot slot in _slots)
        {
            if (slot.RowPlusOne != 0)
                Insert(grown, slot);
        }

        _slots = grown;
    }

    private static void Insert(Slot[] slots, Slot slot)
    {
        int mask = slots.Length - 1;
        int i = (int)slot.Tag & mask;
        while (slots[i].RowPlusOne != 0)
            i = (i + 1) & mask;
        slots[i] = slot;
    }

    // The tag is the hash's lower half: its lowest bits say where a probe begins, all of them whether the key is worth a comparison.
    private readonly record struct Slot(uint Tag, int RowPlusOne);

    private readonly record struct RowSlab(int[] Keys, double[] Cells);
}

/// <summary>What became of a sample.</summary>
internal enum UpdateResult
{
    /// <summary>It was added to a key that was there.</summary>
    Updated,

    /// <summary>It was added to a new key.</summary>
    Added,

    /// <summary>It was added to a new key, which took the place of the least one.</summary>
    Evicted,

    /// <summary>The group has no such meter.</summary>
    UnknownMeter,
}

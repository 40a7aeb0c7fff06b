using System.Runtime.CompilerServices;

namespace Spillway.Async.Spill;

/// <summary>
/// Gives numbers to the objects that spilled tasks refer to, such as clients, functions and leases, which stay in memory. Each object
/// has one number as long as any spilled task refers to it.
/// </summary>
internal sealed class ObjectTable
{
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly List<(object? Object, int References, TaskPort? Lane)> _slots = [(null, 0, null)];
    private readonly Stack<int> _free = new();

    /// <summary>How many objects are in use.</summary>
    public int Count => _numbers.Count;

    /// <summary>The object's number; 0 for null.</summary>
    /// <param name="item">The object.</param>
    /// <param name="lane">For a lease: its lane, by which alone it may be released.</param>
    public int Add(object? item, TaskPort? lane = null)
    {
        if (item is null)
            return 0;
        if (_numbers.TryGetValue(item, out int number))
        {
            _slots[number] = (item, _slots[number].References + 1, lane);
            return number;
        }

        if (!_free.TryPop(out number))
        {
            number = _slots.Count;
            _slots.Add(default);
        }

        _slots[number] = (item, 1, lane);
        _numbers.Add(item, number);
        return number;
    }

    /// <summary>Undoes what storing a task's header has added.</summary>
    public void Forget(in TaskHeader header)
    {
        Remove<object>(header.Client);
        Remove<object>(header.Function);
        Remove<object>(header.Name);
        Remove<object>(header.Lease);
        Remove<object>(header.Segment);
    }

    /// <summary>The leases, each with its lane and the number of tasks that hold it.</summary>
    public List<(ITaskLease Lease, TaskPort Lane, int References)> Leases() =>
        [.. _slots.Where(slot => slot.Object is ITaskLease).Select(slot => ((ITaskLease)slot.Object!, slot.Lane!, slot.References))];

    /// <summary>Empties the table, and returns the objects of one type with the number of tasks that referred to each.</summary>
    public List<(T Object, int References)> Clear<T>()
        where T : class
    {
        var found = new List<(T, int)>();
        foreach ((object? item, int references, _) in _slots)
        {
            if (item is T wanted)
                found.Add((wanted, references));
        }

        _numbers.Clear();
        _free.Clear();
        _slots.RemoveRange(1, _slots.Count - 1);
        return found;
    }

    /// <summary>The object of a number, for one of the tasks that refer to it.</summary>
    public T? Remove<T>(int number)
        where T : class
    {
        (object? item, int references, TaskPort? lane) = _slots[number];
        if (item is null)
            return null;
        if (references > 1)
        {
            _slots[number] = (item, references - 1, lane);
        }
        else
        {
            _slots[number] = default;
            _numbers.Remove(item);
            _free.Push(number);
        }

        return Unsafe.As<T>(item);
    }
}

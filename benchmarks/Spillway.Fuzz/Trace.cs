using System.Numerics;

namespace Spillway.Fuzz;

/// <summary>
/// The shape of what an input has led to: which events in which order, and about how large. Inputs with a shape that is new are worth
/// mutating further; so the search goes on without instrumented code.
/// </summary>
internal sealed class Trace
{
    private const int MostEvents = 64; // shapes beyond are alike enough

    private ulong _shape = 14695981039346656037;
    private int _events;

    public ulong Shape => _shape;

    public void Clear() => (_shape, _events) = (14695981039346656037, 0);

    public void Note(int kind, long size = 0)
    {
        if (_events++ >= MostEvents)
            return;
        _shape = (_shape ^ (uint)((kind << 8) | BitOperations.Log2((ulong)Math.Max(0, size) + 1))) * 1099511628211;
    }
}

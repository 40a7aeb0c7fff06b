namespace Spillway.Benchmarks.Wire;

/// <summary>Where frames go, in batches. One thread.</summary>
internal interface IWire : IDisposable
{
    /// <summary>Room for the frame at a place of the batch.</summary>
    Span<byte> Slot(int place);

    /// <summary>The frame at a place is ready.</summary>
    void Add(int place, int length);

    /// <summary>Sends the first frames of the batch.</summary>
    void Send(int count);
}

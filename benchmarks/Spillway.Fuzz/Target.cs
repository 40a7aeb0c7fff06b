namespace Spillway.Fuzz;

/// <summary>Something that takes bytes off the wire. Whatever they are, it must not throw, hang or keep memory.</summary>
internal abstract class Target
{
    public Trace Trace { get; } = new();

    /// <summary>Inputs to begin with; at least one.</summary>
    /// <param name="seeds">Where they come from.</param>
    public abstract IEnumerable<byte[]> SeedsFrom(Seeds seeds);

    /// <summary>Takes one input, from a fresh state.</summary>
    /// <exception cref="FindingException">Something holds that must not.</exception>
    public abstract void Run(ReadOnlySpan<byte> input);
}

/// <summary>A property that every input must keep is broken.</summary>
internal sealed class FindingException(string message) : Exception(message);

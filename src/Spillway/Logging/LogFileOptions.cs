namespace Spillway.Logging;

/// <summary>A log in a file, and what is kept of it. Immutable.</summary>
internal sealed record LogFileOptions
{
    /// <summary>Smallest <see cref="FileBytes"/>.</summary>
    public const long LeastBytes = 64 << 10;

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of a file from which on another is begun.</summary>
    public long FileBytes { get; init; } = 10L << 20;

    /// <summary>Files that are kept: the one that is written, and those before, as <c>FILE.1</c> (the newest) and so on.</summary>
    public int Files { get; init; } = 5;
}

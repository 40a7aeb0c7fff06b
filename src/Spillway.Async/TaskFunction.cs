namespace Spillway.Async;

/// <summary>
/// A function that tasks run: immutable and shared by reference among all tasks that run it, so that scheduling it a million
/// times copies it once. Executors cache what they load under <see cref="Id"/>.
/// </summary>
public sealed class TaskFunction(long id, ReadOnlyMemory<byte> code, string source)
{
    /// <summary>Unique within the pool the function is used with.</summary>
    public long Id { get; } = id;

    /// <summary>The function in the executor's own form; for Lua its bytecode. Never changed after construction.</summary>
    public ReadOnlyMemory<byte> Code { get; } = code;

    /// <summary>Where the function was written, for error messages: <c>script.lua:52</c>.</summary>
    public string Source { get; } = source;
}

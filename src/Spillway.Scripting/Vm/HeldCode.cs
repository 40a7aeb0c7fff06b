using Spillway.Async;

namespace Spillway.Scripting.Vm;

/// <summary>
/// The functions that tasks of one state run, under the numbers by which its script knows them, from 1. They are let go with the state. On
/// its thread.
/// </summary>
internal sealed class HeldCode(CodeStore store) : IDisposable
{
    /// <summary>
    /// Functions of one state: a script that makes ever new ones (<c>load</c>) must not fill the memory of a run that lasts for weeks. The
    /// code of further ones travels with each of their tasks.
    /// </summary>
    public const int MaxFunctions = 1024;

    private readonly List<TaskFunction> _functions = [];
    private TaskFunction? _unplaced;

    /// <summary>Holds one more function.</summary>
    /// <param name="code">Without upvalues, which travel with each task. Empty to keep only the place.</param>
    /// <param name="line">Where the function begins in the script; 0 if that is not known.</param>
    /// <returns>Its number; 0 if the state has as many as it may.</returns>
    public int Add(ReadOnlySpan<byte> code, int line)
    {
        if (_functions.Count == MaxFunctions)
            return 0;
        _functions.Add(store.Hold(code, line));
        return _functions.Count;
    }

    /// <summary>
    /// A function by its number. Number 0 stands for any: its code is with the task, and of its place only the script is known.
    /// </summary>
    public TaskFunction Find(int number)
    {
        if (number >= 1 && number <= _functions.Count)
            return _functions[number - 1];
        return _unplaced ??= store.Hold([], 0);
    }

    /// <summary>Lets all go.</summary>
    public void Dispose()
    {
        foreach (TaskFunction function in _functions)
            store.Release(function);
        if (_unplaced is not null)
            store.Release(_unplaced);
        _functions.Clear();
        _unplaced = null;
    }
}

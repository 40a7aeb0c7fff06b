using Spillway.Async;

namespace Spillway.Scripting.Vm;

/// <summary>
/// The bytecode of a plugin's task functions, each kept once and known by a number from 1. Lanes put, workers get.
/// Only bytecode that a state of this program dumped comes here, in this process or before a journal: LuaJIT does not verify it.
/// </summary>
internal sealed class CodeStore(string source)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _numbers = [];
    private volatile TaskFunction[] _functions = [];

    /// <summary>Keeps a function's code; the same code has the same number.</summary>
    /// <param name="code">Empty for a function that travels with its tasks, since it has upvalues: then only its place is kept.</param>
    /// <param name="line">Where the function begins in the script; 0 if that is not known.</param>
    public int Intern(ReadOnlySpan<byte> code, int line)
    {
        string key = code.IsEmpty ? $"@{line}" : System.Text.Encoding.Latin1.GetString(code);
        lock (_gate)
        {
            if (_numbers.TryGetValue(key, out int number)) return number;
            number = _functions.Length + 1;
            byte[] pinned = GC.AllocateUninitializedArray<byte>(code.Length, pinned: true);   // workers read it in place
            code.CopyTo(pinned);
            _functions = [.. _functions, new TaskFunction(number, pinned, line > 0 ? $"{source}:{line}" : source)];
            _numbers.Add(key, number);
            return number;
        }
    }

    /// <summary>A function by its number; null if there is none.</summary>
    public TaskFunction? Find(int number)
    {
        TaskFunction[] functions = _functions;
        return number >= 1 && number <= functions.Length ? functions[number - 1] : null;
    }
}

using System.Text;
using Spillway.Async;

namespace Spillway.Scripting.Vm;

/// <summary>
/// The bytecode of a plugin's task functions, each kept once for as long as a state holds it. Tasks refer to their functions themselves, so
/// those that are under way outlive the store's interest in them. Any thread.
/// Only bytecode that a state of this program dumped comes here, in this process or before a journal: LuaJIT does not verify it.
/// </summary>
internal sealed class CodeStore(string source)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Dictionary<TaskFunction, Entry> _entryOf = [];
    private long _lastId;

    /// <summary>Functions that are held.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Gives a function's code one more holder; the same code is the same function.</summary>
    /// <param name="code">Empty for a function that travels with its tasks: then only its place is kept.</param>
    /// <param name="line">Where the function begins in the script; 0 if that is not known.</param>
    public TaskFunction Hold(ReadOnlySpan<byte> code, int line)
    {
        lock (_gate)
        {
            string key = code.IsEmpty ? $"@{line}" : Encoding.Latin1.GetString(code);
            if (!_entries.TryGetValue(key, out Entry? entry))
            {
                byte[] pinned = GC.AllocateUninitializedArray<byte>(code.Length, pinned: true); // workers read it in place
                code.CopyTo(pinned);

                // Workers keep what they have loaded under its number, so none is given twice.
                entry = new Entry(key, new TaskFunction(++_lastId, pinned, line > 0 ? $"{source}:{line}" : source));
                _entries.Add(key, entry);
                _entryOf.Add(entry.Function, entry);
            }

            entry.Holders++;
            return entry.Function;
        }
    }

    /// <summary>Takes one holder away; with the last one the store forgets the function.</summary>
    public void Release(TaskFunction function)
    {
        lock (_gate)
        {
            if (!_entryOf.TryGetValue(function, out Entry? entry) || --entry.Holders > 0)
                return;
            _entryOf.Remove(function);
            _entries.Remove(entry.Key);
        }
    }

    private sealed class Entry(string key, TaskFunction function)
    {
        public string Key { get; } = key;

        public TaskFunction Function { get; } = function;

        public int Holders { get; set; }
    }
}

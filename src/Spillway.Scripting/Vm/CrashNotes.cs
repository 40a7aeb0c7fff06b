using System.Runtime.InteropServices;
using Spillway.Scripting.Native;

namespace Spillway.Scripting.Vm;

/// <summary>
/// The texts by which a script's calls are named if native code crashes in them; each is made once. Belongs to the script's thread.
/// </summary>
internal sealed unsafe class CrashNotes(string path) : IDisposable
{
    private readonly Dictionary<string, CrashText> _texts = [];
    private readonly CrashText[] _ofCallbacks = new CrashText[ScriptCallbacks.Names.Length];

    /// <summary>A callback's.</summary>
    public CrashText Of(ScriptCallback callback)
    {
        ref CrashText text = ref _ofCallbacks[(int)callback];
        if (text.Base is null)
            text = Of(ScriptCallbacks.Names[(int)callback]);
        return text;
    }

    /// <summary>That of a call by its name, such as 'the main chunk'.</summary>
    public CrashText Of(string call)
    {
        if (!_texts.TryGetValue(call, out CrashText text))
            _texts[call] = text = CrashSlots.Make($": {call} of '{path}' was at work in native code");
        return text;
    }

    /// <summary>Frees them. No call of the script runs any more.</summary>
    public void Dispose()
    {
        foreach (CrashText text in _texts.Values)
            NativeMemory.Free(text.Base);
        _texts.Clear();
        Array.Clear(_ofCallbacks);
    }
}

namespace Spillway.Scripting.Patterns;

/// <summary>
/// The automata of T.ac, by number from 1, until their Lua objects are collected. Any thread; each automaton is its state's own.
/// </summary>
internal static class AutomatonTable
{
    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static volatile AhoCorasick?[] _automata = new AhoCorasick?[16];
    private static int _count;

    /// <summary>Keeps an automaton.</summary>
    public static int Add(AhoCorasick automaton)
    {
        lock (Gate)
        {
            if (!Free.TryPop(out int index))
                index = _count++;
            if (index == _automata.Length)
            {
                var larger = new AhoCorasick?[index * 2];
                _automata.CopyTo(larger, 0);
                _automata = larger;
            }

            _automata[index] = automaton;
            return index + 1;
        }
    }

    /// <summary>Finds an automaton; null if there is none.</summary>
    public static AhoCorasick? Find(int number)
    {
        AhoCorasick?[] automata = _automata;
        return number > 0 && number <= automata.Length ? automata[number - 1] : null;
    }

    /// <summary>Lets an automaton go.</summary>
    public static void Remove(int number)
    {
        lock (Gate)
        {
            if (Find(number) is null)
                return;
            _automata[number - 1] = null;
            Free.Push(number - 1);
        }
    }
}

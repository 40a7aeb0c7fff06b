namespace Spillway.Run;

/// <summary>What goes wrong in a run: told at once on the console, and kept for the summary. Any thread.</summary>
internal sealed class RunProblems(ScriptConsole console)
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    /// <summary>Whether something of what was asked for was not done.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>All lines, in the order in which they came.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Something was not done: the run ends with an error.</summary>
    public void Fail(string message)
    {
        HasFailed = true;
        Keep(message);
        console.Error(message);
    }

    /// <summary>Something that the user should know.</summary>
    public void Warn(string message)
    {
        Keep(message);
        console.Warn(message);
    }

    /// <summary>Keeps a line for the summary that was told already.</summary>
    public void Keep(string message)
    {
        lock (_lock)
            _lines.Add(message);
    }
}

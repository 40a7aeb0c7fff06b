using System.Text;
using Spillway.Scripting;

namespace Spillway.Benchmarks;

/// <summary>What scripts print is what a benchmark prints; all else goes to standard error.</summary>
internal sealed class ConsoleOutput : IScriptOutput
{
    public void Print(string script, ReadOnlySpan<byte> line) => Console.Write(Encoding.UTF8.GetString(line));

    public void PrintError(string script, ReadOnlySpan<byte> text) => Console.Error.Write(Encoding.UTF8.GetString(text));

    public void Flush() => Console.Out.Flush();

    public void Log(string script, ScriptLogLevel level, string message) => Console.Error.WriteLine(message);

    public void Problem(string script, string message) => Console.Error.WriteLine(message);

    public void Error(string script, string callback, string text, long repeats) => Console.Error.WriteLine(text);

    public void LoadFailure(string script, string message) => Console.Error.WriteLine(message);

    public void Fault(string script, Exception exception) => Console.Error.WriteLine(exception);
}

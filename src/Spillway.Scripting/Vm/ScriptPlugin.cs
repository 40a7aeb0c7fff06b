using System.Runtime.InteropServices;
using System.Text;
using Spillway.Async;

namespace Spillway.Scripting.Vm;

/// <summary>One script file: what its states on lanes and workers have in common.</summary>
internal sealed class ScriptPlugin
{
    private long _workerErrors;

    /// <summary>Creates a plugin for a file.</summary>
    /// <param name="path">The path as the user gave it: Lua names it in errors.</param>
    /// <param name="name">What the script is called; its file name if null.</param>
    public ScriptPlugin(string path, string? name = null)
    {
        Path = path;
        Name = name ?? System.IO.Path.GetFileName(path);
        Code = new CodeStore(Name);
        Identity = Encoding.UTF8.GetBytes(System.IO.Path.GetFullPath(path));
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>
    /// The file name, with as much of the path before it as tells it from the run's other scripts (<see cref="Loading.ScriptNames"/>).
    /// </summary>
    public string Name { get; }

    /// <summary>By what a journal's tasks find the script again: its absolute path.</summary>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary><c>id.name</c> of the script.</summary>
    public string Title { get; set; } = "";

    /// <summary>
    /// The blocks whose <c>onload</c> returned false; the empty name stands for a script without blocks. On the thread that loads.
    /// </summary>
    public List<string> Declined { get; } = [];

    /// <summary>Workers for its slow path: <c>request_async_workers</c>.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Functions that tasks run.</summary>
    public CodeStore Code { get; }

    /// <summary>The workers; set when the plugin is started.</summary>
    public AsyncPool? Pool { get; set; }

    /// <summary>Errors on workers that are no task's: finalizers have raised. Any thread.</summary>
    public long WorkerErrors => Volatile.Read(ref _workerErrors);

    /// <summary>Counts one.</summary>
    public void AddWorkerError() => Interlocked.Increment(ref _workerErrors);

    private string Directory => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "/";

    /// <summary>
    /// <c>package.path</c> for every state that runs this plugin's code: its own directory first, then those of the host.
    /// </summary>
    public string PackagePath(ScriptEnvironment environment)
    {
        IEnumerable<string> directories = [Directory, System.IO.Path.Combine(Directory, "helpers"), .. environment.ModuleDirectories];
        return string.Join(';', directories.SelectMany(d => new[] { $"{d}/?.lua", $"{d}/?/init.lua" }));
    }

    /// <summary><c>package.cpath</c>: C modules beside the script, then those of Debian's packages for Lua 5.1.</summary>
    public string PackageCPath()
    {
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        return string.Join(
            ';',
            $"{Directory}/?.so",
            "/usr/local/lib/lua/5.1/?.so",
            $"/usr/lib/{architecture}-linux-gnu/lua/5.1/?.so",
            "/usr/lib/lua/5.1/?.so"
        );
    }

    /// <summary>
    /// Names for <c>ffi.load</c>, as lines OLD=NEW: those of a file <c>ffi-aliases</c> beside the script, then the run's, which go before.
    /// </summary>
    public string FfiAliases(ScriptEnvironment environment)
    {
        string file = System.IO.Path.Combine(Directory, "ffi-aliases");
        IEnumerable<string> lines = File.Exists(file) ? File.ReadLines(file) : [];
        return string.Join('\n', lines.Concat(environment.FfiAliases.Select(pair => $"{pair.Key}={pair.Value}")));
    }
}

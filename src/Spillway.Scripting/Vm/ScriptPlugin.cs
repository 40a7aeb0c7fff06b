using System.Text;
using Spillway.Async;

namespace Spillway.Scripting.Vm;

/// <summary>One script file: what its states on lanes and workers have in common.</summary>
internal sealed class ScriptPlugin
{
    /// <summary>Creates a plugin for a file.</summary>
    /// <param name="path">The path as the user gave it: Lua names it in errors.</param>
    public ScriptPlugin(string path)
    {
        Path = path;
        Name = System.IO.Path.GetFileName(path);
        Code = new CodeStore(Name);
        Identity = Encoding.UTF8.GetBytes(System.IO.Path.GetFullPath(path));
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>The file name.</summary>
    public string Name { get; }

    /// <summary>By what a journal's tasks find the script again: its absolute path.</summary>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary><c>id.name</c> of the script.</summary>
    public string Title { get; set; } = "";

    /// <summary>Workers for its slow path: <c>request_async_workers</c>.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Functions that tasks run.</summary>
    public CodeStore Code { get; }

    /// <summary>The workers; set when the plugin is started.</summary>
    public AsyncPool? Pool { get; set; }

    /// <summary><c>package.path</c> for every state that runs this plugin's code: its own directory first, then those of the host.</summary>
    public string PackagePath(ScriptEnvironment environment)
    {
        string directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "/";
        IEnumerable<string> directories = [directory, System.IO.Path.Combine(directory, "helpers"), .. environment.ModuleDirectories];
        return string.Join(';', directories.SelectMany(d => new[] { $"{d}/?.lua", $"{d}/?/init.lua" }));
    }
}

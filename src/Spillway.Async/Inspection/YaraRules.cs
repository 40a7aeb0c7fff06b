using System.Runtime.InteropServices;
using Spillway.Async.Native;

namespace Spillway.Async.Inspection;

/// <summary>
/// Rules of YARA, compiled: shared by the scanners of all workers, and kept until the program ends. Rules may use the variables
/// <c>filename</c>, <c>filepath</c> and <c>extension</c>, which each scan sets, and <c>filetype</c> and <c>owner</c>, which stay empty:
/// many collections have rules with them.
/// </summary>
public sealed class YaraRules
{
    internal static readonly string[] Variables = ["filename", "filepath", "extension", "filetype", "owner"];

    private YaraRules(nint handle, int files)
    {
        Handle = handle;
        Files = files;
    }

    /// <summary>Files they were compiled from; 0 for a text.</summary>
    public int Files { get; }

    internal nint Handle { get; }

    /// <summary>Why there is no YARA to be had, with the remedy; null if there is. Loads the library.</summary>
    public static string? FindFlaw() => YaraApi.Instance is null ? YaraApi.Reason : null;

    /// <summary>Compiles files, each in a namespace of its own: its name without the extension.</summary>
    /// <param name="files">The files.</param>
    /// <param name="messages">What the compiler says, one line each: file, line, message.</param>
    /// <returns>The rules; null if there are errors.</returns>
    /// <exception cref="IOException">The library is missing.</exception>
    public static YaraRules? Compile(IReadOnlyList<YaraSource> files, out IReadOnlyList<YaraMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(files);
        var report = new Report();
        messages = report.Messages;
        return Compile(files, report);
    }

    /// <summary>Compiles a text.</summary>
    /// <inheritdoc cref="Compile(IReadOnlyList{YaraSource}, out IReadOnlyList{YaraMessage})"/>
    public static YaraRules? Compile(string text, out IReadOnlyList<YaraMessage> messages)
    {
        var report = new Report();
        messages = report.Messages;
        return Build(report, 0, (api, compiler) => api.AddText(compiler, text, "default") == 0);
    }

    private static YaraRules? Compile(IReadOnlyList<YaraSource> files, Report report)
    {
        int good = 0;
        YaraRules? rules = Build(
            report,
            files.Count,
            (api, compiler) =>
            {
                while (good < files.Count && Add(api, compiler, files[good], report))
                    good++;
                return good == files.Count;
            }
        );

        // After an error a compiler takes nothing more. The errors of the other files are wanted too.
        for (int next = good + 1; next < files.Count; next++)
        {
            YaraSource file = files[next];
            _ = Build(report, 1, (api, compiler) => Add(api, compiler, file, report));
        }

        return rules;
    }

    private static bool Add(YaraApi api, nint compiler, YaraSource source, Report report)
    {
        byte[] pathZ = [.. System.Text.Encoding.UTF8.GetBytes(source.Path), 0];
        int file = Libc.Open(Libc.CurrentDirectory, pathZ, Libc.ReadOnly | Libc.NonBlocking | Libc.NoTerminal);
        if (file < 0)
        {
            report.Add(isError: true, source.Path, 0, Errno.Describe(Marshal.GetLastPInvokeError()));
            return false;
        }

        try
        {
            if (Libc.Stat(file, out FileStatus status) == 0 && status.IsRegular)
                return api.AddFile(compiler, file, source.Namespace, source.Path) == 0;
            report.Add(isError: true, source.Path, 0, "it is no regular file");
            return false;
        }
        finally
        {
            Libc.Close(file);
        }
    }

    private static YaraRules? Build(Report report, int files, Func<YaraApi, nint, bool> add)
    {
        YaraApi api = YaraApi.Instance ?? throw new IOException(YaraApi.Reason);
        GCHandle handle = GCHandle.Alloc(report);
        nint compiler = api.CreateCompiler(handle);
        if (compiler == 0)
            throw new IOException("libyara has no memory for a compiler");
        try
        {
            foreach (string name in Variables)
                _ = api.DefineVariable(compiler, name);
            if (!add(api, compiler))
                return null;
            return api.TakeRules(compiler) is not 0 and var rules
                ? new YaraRules(rules, files)
                : throw new IOException("libyara has no memory for these rules");
        }
        finally
        {
            api.DestroyCompiler(compiler);
            handle.Free();
        }
    }

    private sealed class Report : IYaraReport
    {
        public List<YaraMessage> Messages { get; } = [];

        public void Add(bool isError, string? file, int line, string message) =>
            Messages.Add(new YaraMessage(isError, file, line, message));
    }
}

/// <summary>A file of rules, and the namespace they are in.</summary>
/// <param name="Path">Its path as given.</param>
/// <param name="Namespace">The namespace.</param>
public readonly record struct YaraSource(string Path, string Namespace);

/// <summary>What the compiler of rules says.</summary>
/// <param name="IsError">False for a warning.</param>
/// <param name="File">The file; null for a text.</param>
/// <param name="Line">The line, from 1; 0 if it is about the file as a whole.</param>
/// <param name="Message">What is wrong.</param>
public sealed record YaraMessage(bool IsError, string? File, int Line, string Message)
{
    /// <summary>As one line: <c>rules.yar:12: syntax error</c>.</summary>
    public override string ToString()
    {
        string place = (File, Line) switch
        {
            (null, 0) => "",
            (null, _) => string.Create(null, $"line {Line}: "),
            (_, 0) => $"{File}: ",
            _ => string.Create(null, $"{File}:{Line}: "),
        };
        return place + Message.ReplaceLineEndings(" ").Trim();
    }
}

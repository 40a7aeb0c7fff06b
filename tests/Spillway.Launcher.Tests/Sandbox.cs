using System.Diagnostics;
using System.Reflection;

namespace Spillway.Launcher.Tests;

/// <summary>
/// A small source tree with the real launcher and scripts, on a machine whose SDK, package manager and users are stubs:
/// what the launcher decides shows in milliseconds. See the stubs directory for what the switches do.
/// </summary>
internal sealed class Sandbox : IDisposable
{
    private static readonly string Sources = typeof(Sandbox)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot")
        .Value!;

    /// <summary>What the SDK wants of the system: ICU, OpenSSL, certificates.</summary>
    public static readonly string[] SdkNeeds = ["libicuuc.so.72", "libssl.so.3", "ca-certificates.crt"];

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("spillway-launcher-");

    public Sandbox()
    {
        foreach (
            string directory in (string[])
                ["tree/scripts", "tree/src/Spillway", "tree/demo", "tree/.ci", "tree/benchmarks", "stub", "libraries", "else where"]
        )
        {
            _home.CreateSubdirectory(directory);
        }

        foreach (
            string file in (string[])
                [
                    "spillway",
                    "test",
                    ".ci/run",
                    "global.json",
                    "Directory.Build.props",
                    .. Directory.GetFiles(Path.Combine(Sources, "scripts"), "*.sh").Select(path => Path.GetRelativePath(Sources, path)),
                ]
        )
        {
            File.Copy(Path.Combine(Sources, file), Path.Combine(Tree, file));
        }

        Write("tree/src/Spillway/Program.cs", "return 0;\n");
        Write("libraries/libluajit-5.1.so.2", "");
        Write("libraries/libpcap.so.0.8", "");
        foreach (string file in SdkNeeds)
            Write($"libraries/{file}", "");
        Write(
            "stub/packages",
            "libluajit-5.1-2 libluajit-5.1.so.2\nlibpcap0.8 libpcap.so.0.8\n"
                + "libicu70 libicuuc.so.70\nlibicu76 libicuuc.so.76\nlibssl3t64 libssl.so.3\nca-certificates ca-certificates.crt\n"
        );

        // Sources are older than anything that a test builds, whatever the resolution of the file system's clock.
        foreach (FileSystemInfo entry in new DirectoryInfo(Tree).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            entry.LastWriteTimeUtc = DateTime.UtcNow.AddHours(-1);
        }
    }

    public string Tree => Path.Combine(_home.FullName, "tree");

    /// <summary>A directory of the user's, with a blank in its name.</summary>
    public string Elsewhere => Path.Combine(_home.FullName, "else where");

    public int Publishes => Log("dotnet.log").Count(line => line.StartsWith("publish", StringComparison.Ordinal));

    public string PathOf(string name) => Path.Combine(_home.FullName, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }

    public void Switch(string name) => Write($"stub/{name}", "");

    public string[] Log(string name) => File.Exists(PathOf($"stub/{name}")) ? File.ReadAllLines(PathOf($"stub/{name}")) : [];

    public Task<Outcome> Spillway(params string[] arguments) => Run(Path.Combine(Tree, "spillway"), arguments);

    public Task<Outcome> Test(params string[] arguments) => Run(Path.Combine(Tree, "test"), arguments);

    public async Task<Outcome> Run(string command, string[] arguments, int programExitCode = 0)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = Elsewhere,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.Combine(AppContext.BaseDirectory, "stubs")}:/usr/bin:/bin";
        start.Environment["STUB"] = PathOf("stub");
        start.Environment["STUB_EXIT"] = $"{programExitCode}";
        foreach (string name in (string[])["SSL_CERT_FILE", "SSL_CERT_DIR", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"])
            start.Environment.Remove(name);
        start.Environment["SPILLWAY_LIBRARY_DIRECTORIES"] = PathOf("libraries");

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Outcome(process.Id, process.ExitCode, await output, await error);
    }

    public void Dispose() => _home.Delete(recursive: true);
}

internal sealed record Outcome(int ProcessId, int ExitCode, string Output, string Error);

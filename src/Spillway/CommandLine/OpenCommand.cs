using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Spillway.Life;
using Spillway.Metrics.Stores;
using Spillway.Net.Files;
using Spillway.Questions;
using Spillway.Run;
using Spillway.Web;

namespace Spillway.CommandLine;

/// <summary><c>spillway open</c>: a capture, or what a run has left, in a browser.</summary>
internal static class OpenCommand
{
    private static readonly Argument<string> What = new("FILE") { Description = "A capture, or the output directory of a run" };

    private static readonly string[] Displays = ["DISPLAY", "WAYLAND_DISPLAY"];

    private static readonly Option<bool> NoBrowser = new("--no-browser") { Description = "Print the address only" };

    private static readonly Option<IPEndPoint?> At = new("--at")
    {
        Description = "Serve at this address of this machine [default: a free port of 127.0.0.1]",
        HelpName = "[ADDRESS:]PORT",
        CustomParser = result => WebCommandLine.ParseEndPoint(result, "--at"),
    };

    private static readonly Option<bool> Again = new("--again") { Description = "Read a capture again that was opened before" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "open",
            """
            Read a capture and look at it in a browser; or look at what a run has left

            A capture is read once: its results, packets and files are kept in ~/.cache/spillway/open, unless -o, -w or -x say otherwise.
            Takes the options of 'spillway run' about scripts and records. Ctrl-C ends it.

            Examples:
              spillway open traffic.pcap
              spillway open traffic.pcap -s mine.lua -o results
              spillway open results                          what a run with -o results has left
              spillway open traffic.pcap --no-browser        print the address only
            """
        )
        {
            What,
            NoBrowser,
            At,
            Again,
        };
        PipelineCommandLine.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(At) is { } address && !IPAddress.IsLoopback(address.Address))
                result.AddError(
                    "--at takes an address of this machine only; 'spillway run --web' serves others, with a certificate and users"
                );
        });
        command.SetAction(Execute);
        return command;
    }

    private static int Execute(ParseResult result)
    {
        string what = result.GetValue(What)!;
        try
        {
            if (Directory.Exists(what) || Path.GetFileName(what) == SqliteStore.FileName)
                return Serve(OfResults(what, PipelineCommandLine.ToOptions(result)), result, reading: null);
            if (!File.Exists(what))
                return Fail($"'{what}' is neither a capture nor the output directory of a run");
            RunOptions run = OfCapture(result, Path.GetFullPath(what));
            bool isKnown =
                !result.GetValue(Again) && run.Scripts.Count == 0 && !PipelineCommandLine.HasOutput(result) && IsRead(run.Output);
            return Serve(WebCommandLine.Of(run), result, isKnown ? null : run);
        }
        catch (Exception exception) when (exception is Web.WebException or IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    private static int Serve(WebOptions web, ParseResult result, RunOptions? reading)
    {
        if (result.GetValue(At) is { } address)
            web = web with { Address = address };
        // Its notes and addresses are for this user's eyes.
        FileMask.Set(FileMask.Private, onlyTightens: true);
        Directory.CreateDirectory(File.Exists(web.Place) ? Path.GetDirectoryName(Path.GetFullPath(web.Place))! : web.Place);
        using var server = WebServer.Start(web);
        Console.Error.WriteLine($"pages at {server.Url}");
        if (!result.GetValue(NoBrowser))
            Browse(server.Url, web.Place);
        if (reading is not null)
        {
            int exitCode = Probe.Execute(reading with { Pages = server });
            if (exitCode is not (ExitCodes.Good or ExitCodes.ScriptErrors))
                return exitCode;
        }

        Console.Error.WriteLine($"results are in {web.Place}; Ctrl-C ends the pages");
        using var end = new ManualResetEventSlim();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        end.Wait();
        return ExitCodes.Good;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Set();
        }
    }

    private static WebOptions OfResults(string place, RunOptions given)
    {
        string directory = Directory.Exists(place) ? place : Path.GetDirectoryName(Path.GetFullPath(place))!;
        return WebCommandLine.Of(given) with
        {
            Place = place,
            Packets = given.Packets?.Directory ?? Existing(Path.Combine(directory, "packets")),
            Files = given.Extract ?? Existing(Path.Combine(directory, "files")),
        };
    }

    private static RunOptions OfCapture(ParseResult result, string capture)
    {
        RunOptions run = PipelineCommandLine.ToOptions(result);
        string output = PipelineCommandLine.HasOutput(result) ? run.Output : PlaceOf(capture);
        return run with
        {
            Captures = [capture],
            Output = output,
            Quiet = true,
            Packets = run.Packets ?? new Net.Storage.PacketStoreOptions { Directory = Path.Combine(output, "packets") },
            Extract = run.Extract ?? Path.Combine(output, "files"),
            Documents = run.Documents,
            Settings = WebCommandLine.Given(result),
        };
    }

    // The same file, unchanged, is the same place.
    private static string PlaceOf(string capture)
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length > 0 ? Path.Combine(home, ".cache") : Directory.CreateTempSubdirectory("spillway-open-").FullName;
        }

        var file = new FileInfo(capture);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{capture}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}"));
        string stem = string.Concat(file.Name.Take(40).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'));
        return Path.Combine(cache, "spillway", "open", $"{stem}-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}");
    }

    private static bool IsRead(string output)
    {
        try
        {
            using QuestionStore store = QuestionStore.Open(output);
            return QuestionScope.Of(store, new QuestionRequest()).IsFinished;
        }
        catch (Exception exception) when (exception is QuestionException or StoreReadException)
        {
            return false;
        }
    }

    // The address has a secret, and everybody sees the arguments of a process: a file of this user's goes on to it.
    private static void Browse(string url, string place)
    {
        bool hasDisplay = Displays.Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));
        if (!hasDisplay)
            return;
        string directory = File.Exists(place) ? Path.GetDirectoryName(Path.GetFullPath(place))! : Path.GetFullPath(place);
        string file = Path.Combine(directory, "open.html");
        try
        {
            File.Delete(file);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var writer = new StreamWriter(file, options))
                writer.Write(
                    $"<!DOCTYPE html><meta charset=\"utf-8\"><title>Spillway</title><meta http-equiv=\"refresh\" content=\"0;url={url}\">\n"
                );
            var start = new ProcessStartInfo("xdg-open") { RedirectStandardOutput = true, RedirectStandardError = true };
            start.ArgumentList.Add(file);
            using var browser = Process.Start(start);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"no browser was opened ({exception.Message}): open the address above");
        }
    }

    private static string? Existing(string directory) => Directory.Exists(directory) ? directory : null;

    private static int Fail(string message)
    {
        Console.Error.WriteLine("error: " + SafeText.Clean(message));
        return ExitCodes.Failed;
    }
}

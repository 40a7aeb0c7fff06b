using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>What goes wrong with tasks, as the user of the program meets it.</summary>
public sealed class AsyncFaultTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly string _capture;

    public AsyncFaultTests() => _capture = Recording.Of(Http.Get("/one"), Http.Ok(Http.Noise(500))).Save(_workspace.PathOf("a.pcap"));

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task TaskThatEndsTheProgram_IsGivenUp_ToldAndRaisedAsAnAlert()
    {
        _workspace.Write(
            "ends.lua",
            """
            TrisulPlugin = {
              id = { name = "Ends" },
              onload = function()
                if T.args ~= "submit" then return end
                T.async:schedule { name = "killer", onexecute = function() os.execute("kill -9 $PPID; sleep 1") end }
                T.async:copybuffer("after it\n", "log")
              end,
              filex_monitor = { onfile_http = function() end },
            }
            """
        );
        Assert.Equal(137, (await Run("submit")).ExitCode);
        for (int i = 0; i < 2; i++)
            Assert.Equal(137, (await Run("")).ExitCode);
        Outcome last = (await Run("")).MustExit(3);

        Assert.Contains(
            last.Told,
            line =>
                line.Contains("T.async: given up: 'killer' (", StringComparison.Ordinal)
                && line.Contains("2 runs that took it from the journal ended during it", StringComparison.Ordinal)
        );
        Assert.Equal("after it\n", File.ReadAllText(_workspace.PathOf("log")));
        Assert.Contains(
            "given up",
            Assert.Single(Store.Ask(_workspace, "SELECT message FROM alerts WHERE key = 'T.async' OR message LIKE '%given up%'")),
            StringComparison.Ordinal
        );
        Outcome next = (await Run("", "--json")).MustExit(0);
        Assert.Null(next.Json["details"]!["journal.given_up"]?.GetValue<long>() is > 0 ? "given up twice" : null);

        Task<Outcome> Run(string args, params string[] more) =>
            Probe.Run(
                _workspace,
                [
                    "-r",
                    _capture,
                    "-s",
                    _workspace.PathOf("ends.lua"),
                    "--journal",
                    _workspace.PathOf("journal"),
                    "--journal-recoveries",
                    "2",
                    "--args",
                    args,
                    .. more,
                ]
            );
    }

    [Fact]
    public async Task TaskFromTheJournalFails_IsToldWithScriptLineAndNameAndRaisedAsAnAlert()
    {
        _workspace.Write(
            "fails.lua",
            """
            TrisulPlugin = {
              id = { name = "Fails" },
              onload = function()
                if T.args ~= "submit" then return end
                T.async:schedule { name = "broken", onexecute = function()
                  if not io.open("killed") then io.open("killed", "w"):close() os.execute("kill -9 $PPID; sleep 1") end
                  error("still broken")
                end }
              end,
              filex_monitor = { onfile_http = function() end },
            }
            """
        );
        Assert.Equal(137, (await Run("submit")).ExitCode);
        Outcome run = (await Run("", "--json")).MustExit(3);

        Assert.Contains(
            run.Told,
            line =>
                line.Contains("onexecute of 'broken'", StringComparison.Ordinal)
                && line.Contains("fails.lua:7: still broken", StringComparison.Ordinal)
        );
        Assert.Contains(
            "fails.lua: onexecute of 'broken': ",
            Assert.Single(Store.Ask(_workspace, "SELECT message FROM alerts")),
            StringComparison.Ordinal
        );
        Assert.Equal("1", run.Json["details"]!["journal.recovered"]!.ToString());

        Task<Outcome> Run(string args, params string[] more) =>
            Probe.Run(
                _workspace,
                ["-r", _capture, "-s", _workspace.PathOf("fails.lua"), "--journal", _workspace.PathOf("journal"), "--args", args, .. more]
            );
    }

    [Fact]
    public async Task TooManyOpenFiles_IsRetriedUntilSomeAreClosed()
    {
        _workspace.Write("source", "content");
        _workspace.Write(
            "files.lua",
            """
            local ffi = require "ffi"
            ffi.cdef [[ struct limit { unsigned long now, most; }; int getrlimit(int, struct limit *); int setrlimit(int, const struct limit *); ]]
            TrisulPlugin = {
              id = { name = "Files" },
              onload = function()
                local FILES, limit = 7, ffi.new "struct limit"
                ffi.C.getrlimit(FILES, limit)
                local usual = limit.now
                T.async:copybuffer("starts the worker", "started")
                while T.async:pending_items() > 0 and T.async:stats().completed == 0 do end
                limit.now = 3
                assert(ffi.C.setrlimit(FILES, limit) == 0)
                T.async:copy("source", "target")
                local patience = os.time() + 30
                while T.async:stats().retried == 0 and os.time() < patience do end
                limit.now = usual
                assert(ffi.C.setrlimit(FILES, limit) == 0)
              end,
              onunload = function()
                local s = T.async:stats()
                print(s.retried > 0, s.failed, io.open("target"):read("*a"))
              end,
              filex_monitor = { onfile_http = function() end },
            }
            """
        );
        Outcome run = (await Probe.Run(_workspace, "-r", _capture, "-s", _workspace.PathOf("files.lua"), "-q")).MustExit(0);

        Assert.Equal("true\t0\tcontent\n", run.Output);
    }

    [Fact]
    public async Task Summary_OfARunThatWasCut_ShowsWhatWaitsAndTheLastFailure()
    {
        _workspace.Write(
            "cut.lua",
            """
            TrisulPlugin = {
              id = { name = "Cut" },
              onload = function()
                T.async:schedule { onexecute = function() error("first") end }
                for i = 1, 3 do T.async:schedule { onexecute = function() os.execute("sleep 30") end } end
              end,
              filex_monitor = { onfile_http = function() end },
            }
            """
        );
        Outcome run = (
            await Probe.Run(_workspace, "-r", _capture, "-s", _workspace.PathOf("cut.lua"), "--drain-timeout", "0.3", "--json")
        ).MustExit(1);

        System.Text.Json.Nodes.JsonNode tasks = run.Json["scripts"]![0]!["async"]!;
        Assert.Equal(
            ("1", "4", "1", "3"),
            (tasks["workers"]!.ToString(), tasks["submitted"]!.ToString(), tasks["failed"]!.ToString(), tasks["pending"]!.ToString())
        );
        Assert.True((double)tasks["oldest_waiting_ms"]! > 0);
        Assert.Contains("cut.lua:4: first", tasks["last_error"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains(run.Told, line => line.StartsWith("error: 3 tasks of T.async not done after", StringComparison.Ordinal));
    }
}

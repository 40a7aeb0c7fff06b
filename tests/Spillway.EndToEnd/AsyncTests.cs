using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>T.async as scripts use it, and where what they find is kept.</summary>
public sealed class AsyncTests
{
    private static readonly byte[] Body = Http.Noise(10_000);

    [Fact]
    public async Task Workers_OfARunWithANiceValue_RunBelowIt()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Body)).Save(workspace.PathOf("a.pcap"));
        string script = workspace.Write(
            "nice.lua",
            """
            TrisulPlugin = {
              id = { name = "nice" },
              filex_monitor = {
                onfile_http = function()
                  local ffi = require "ffi"
                  ffi.cdef "int getpriority(int, int);"
                  print("lane", ffi.C.getpriority(0, 0))
                  T.async:schedule {
                    data = "",
                    onexecute = function()
                      local ffi = require "ffi"
                      ffi.cdef "int getpriority(int, int);"
                      return tostring(ffi.C.getpriority(0, 0))
                    end,
                    onresult = function(engine, request, response) print("worker", response) end,
                  }
                end,
              },
            }
            """
        );
        Outcome run = await Probe.Shell(
            workspace,
            $"nice -n $((5 - $(nice))) $spillway run -r '{capture}' -s '{script}' -q -o '{workspace.Output}' --ramfs '{workspace.Ram}'"
        );

        Assert.Equal("lane\t5\nworker\t15\n", run.MustExit(0).Output);
    }

    [Fact]
    public async Task Schedule_AsScriptsUseIt_KeepsItsContract()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Body)).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("schedule.lua"), "--json")).MustExit(3);

        Assert.Equal(
            new[]
            {
                "status 768 pending 10",
                "item n1 -> done n1",
                "item n2 -> done n2",
                "item n3 -> done n3",
                "item n4 -> done n4",
                "item n5 -> done n5",
                "empty 3 0",
                "visible probe util=192.168.1.1 marker=nil global=nil plugin=nil prefix=captured helper=abab "
                    + "module=true marker here script state upvalue here captured",
                "pending at the end 0",
            }.Order(StringComparer.Ordinal),
            run.Prints.Order(StringComparer.Ordinal)
        );
        Assert.Contains(
            "on purpose",
            Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Equal(
            ("10", "1"),
            (run.Json["scripts"]![0]!["async"]!["submitted"]!.ToString(), run.Json["scripts"]![0]!["async"]!["failed"]!.ToString())
        );
    }

    [Fact]
    public async Task FileOperations_InBothCallStyles_TakeEffectInOrder()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Body)).Save(workspace.PathOf("a.pcap"));
        Outcome run = (
            await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("fileops.lua"), "--args", workspace.PathOf("d"), "--json")
        ).MustExit(3);

        Assert.Equal(
            ["joined=111122", "new=22", "old=1111", "one=1111", "two=22"],
            workspace.FilesIn("d").Select(file => $"{file.Key}={System.Text.Encoding.ASCII.GetString(file.Value)}")
        );
        Assert.Equal("1111", File.ReadAllText(workspace.PathOf("d/below/one")));
        Assert.Contains(
            "missing",
            Assert.Single(run.Told, line => line.StartsWith("error:", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Findings_OfResults_AreInTheStoreAndInTheSummary()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/one"));
        connection.ServerSends(Http.Ok(Body));
        connection.Close();
        Outcome run = (
            await Probe.Run(
                workspace,
                "-r",
                recording.Save(workspace.PathOf("a.pcap")),
                "-s",
                Probe.Script("findings.lua"),
                "--json",
                "--deterministic"
            )
        ).MustExit(0);

        const string Flow = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-0050";
        string hash = Http.Sha1(Body);
        Assert.Equal(
            [
                "Downloads|bytes|www.example.org|the host www.example.org|10000",
                "Downloads|files|www.example.org|the host www.example.org|1",
            ],
            Store.Ask(
                workspace,
                "SELECT group_name, meter_name, key, label, CAST(total AS INTEGER) FROM top_counters WHERE group_name "
                    + "= 'Downloads' ORDER BY 2"
            )
        );
        Assert.Equal(
            [$"{hash}|www.example.org|{Flow}|Hashes"],
            Store.Ask(workspace, "SELECT uri, label, flow_id, group_name FROM resource_list")
        );
        Assert.Equal(
            [$"FILE-SEEN|2|file of 10000 bytes|{Flow}|", "NO-FLOW|1|without a flow||tests"],
            Store.Ask(workspace, "SELECT key, priority, message, flow_id, classification FROM alerts ORDER BY key")
        );
        Assert.Equal(["[file]10000"], Store.Ask(workspace, "SELECT tags FROM flows"));
        Assert.Equal([$"{hash}|10000|Complete"], Store.Ask(workspace, "SELECT sha1, size, end FROM files"));

        Assert.Equal("2", run.Value("alert_count"));
        Assert.Equal(
            ["FILE-SEEN", "NO-FLOW"],
            run.Json["alerts"]!.AsArray().Select(alert => (string)alert!["key"]!).Order(StringComparer.Ordinal)
        );
        Assert.Equal("1", run.Value("resource_count"));
        Assert.Contains(
            run.Json["counters"]!.AsArray(),
            counter => (string)counter!["group"]! == "Downloads" && (double)counter["keys"]![0]!["value"]! == 10_000
        );
    }
}

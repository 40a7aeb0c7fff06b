using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Traffic that is on lists of known-bad things raises alerts.</summary>
public sealed class IntelTests
{
    [Theory]
    [InlineData("198.51.100.7", "address is on the list bad.txt: 198.51.100.7")]
    [InlineData("198.51.100.0/24,their net", "address is on the list bad.txt: 198.51.100.0/24 (their net)")]
    [InlineData("example.org", "HTTP host is on the list bad.txt: example.org")]
    [InlineData("http://www.example.org/some/file", "URL is on the list bad.txt: www.example.org/some/file")]
    public async Task Hit_IsAnAlertOfTheFlow(string line, string message)
    {
        using var workspace = new Workspace();
        await Run(workspace, line);

        Assert.Equal([$"{message}|1|Blacklist"], Alerts(workspace));
        Assert.Equal(Store.Ask(workspace, "SELECT flow_id FROM flows"), Store.Ask(workspace, "SELECT flow_id FROM alerts"));
    }

    [Fact]
    public async Task HashOfAFile_IsFound_WhateverElseTheListHas()
    {
        using var workspace = new Workspace();
        byte[] body = Http.Noise(3000);
        Outcome run = await Run(workspace, $"not an entry at all !!\n{Http.Sha1(body).ToUpperInvariant()}  \nother.example");

        Assert.Equal([$"file is on the list bad.txt: {Http.Sha1(body)}|1|Blacklist"], Alerts(workspace));
        Assert.Contains(
            "line 1, 'not an entry at all !!', is no address, network, domain, URL or hash: left out; 2 entries",
            run.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task NothingOnTheList_NoAlert()
    {
        using var workspace = new Workspace();
        await Run(workspace, "192.0.2.0/24\nnotexample.org\nwww.example.org/other\n");

        Assert.Empty(Alerts(workspace));
    }

    [Fact]
    public async Task ListThatIsNotThere_EndsTheRunBeforeItBegins()
    {
        using var workspace = new Workspace();
        Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(9))).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", "a.pcap", "--intel", "nothere.txt")).MustExit(2);

        Assert.Equal("error: --intel: no such file 'nothere.txt'", Assert.Single(run.Told));
    }

    private static IReadOnlyList<string> Alerts(Workspace workspace) =>
        Store.Ask(workspace, "SELECT a.message, a.priority, g.name FROM alerts a JOIN groups g USING (group_id)");

    private static async Task<Outcome> Run(Workspace workspace, string list)
    {
        File.WriteAllText(workspace.PathOf("bad.txt"), list + "\n");
        string capture = Recording
            .Of(Http.Get("/some/file"), Http.Ok(Http.Noise(3000), "application/x-test"))
            .Save(workspace.PathOf("a.pcap"));
        return (await Probe.Run(workspace, "-r", capture, "-q", "--intel", workspace.PathOf("bad.txt"))).MustExit(0);
    }
}

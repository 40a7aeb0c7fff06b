using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Segments of a TCP stream that say different things of one place.</summary>
public sealed class ConflictTests
{
    [Fact]
    public async Task OverlapsThatDiffer_AreOneAlertForEachFlow_WithBothDigests()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends("aaaa"u8.ToArray());
        connection.ClientSends("good"u8.ToArray());
        connection.ClientSends("more"u8.ToArray());
        connection.Close();
        byte[] hidden = recording.Frames[3]; // the first data segment comes last
        byte[] other = [.. recording.Frames[5]];
        "evil"u8.CopyTo(other.AsSpan(54));
        var played = new Recording();
        foreach (byte[] frame in (byte[][])[.. recording.Frames.Take(3), recording.Frames[5], other, other, recording.Frames[7], hidden])
            played.Add(frame);
        played.Save(workspace.PathOf("o.pcap"));
        (await Probe.Run(workspace, ["-r", "o.pcap", "-q", "--eve", "eve.json", "--eve-types", "alert"])).MustExit(0);

        JsonNode alert = JsonNode.Parse(Assert.Single(File.ReadLines(workspace.PathOf("eve.json"))))!["alert"]!;
        Assert.Equal("tcp-conflicting-overlap", (string?)alert["metadata"]!["signature_key"]![0]);
        Assert.Equal(
            $"TCP bytes 4 to 8 of the client came twice and differ: SHA-1 {Http.Sha1("good"u8.ToArray())} (taken), "
                + $"{Http.Sha1("evil"u8.ToArray())} (not taken)",
            (string?)alert["signature"]
        );
    }
}

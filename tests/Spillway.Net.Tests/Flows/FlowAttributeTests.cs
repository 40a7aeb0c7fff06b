using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

public class FlowAttributeTests
{
    private readonly Flow _flow = new(FlowKey.Create(1, 40000, 2, 443, protocol: 6, version: 4, out _), number: 1, timestampNs: 0);

    [Fact]
    public void SetAttribute_SeveralNames_StandInOrderOfArrival()
    {
        Assert.Null(_flow.Attributes);
        Assert.True(_flow.SetAttribute("SNI"u8, "www.example.com"u8));
        Assert.True(_flow.SetAttribute("Mood"u8, ""u8));
        Assert.Equal(["SNI=www.example.com", "Mood="], All());
    }

    [Fact]
    public void SetAttribute_SameName_ReplacesTheValue()
    {
        _flow.SetAttribute("a"u8, "1"u8);
        _flow.SetAttribute("A"u8, "2"u8);
        _flow.SetAttribute("a"u8, "3"u8);
        Assert.Equal(["a=3", "A=2"], All());
    }

    [Fact]
    public void SetAttribute_BeyondTheLimits_IsRefusedOrCut()
    {
        Assert.False(_flow.SetAttribute(""u8, "x"u8));
        Assert.False(_flow.SetAttribute(new byte[Flow.MaxAttributeNameBytes + 1], "x"u8));
        for (int i = 0; i < Flow.MaxAttributes; i++)
            Assert.True(_flow.SetAttribute(Encoding.ASCII.GetBytes($"n{i}"), new byte[1000]));
        Assert.False(_flow.SetAttribute("one more"u8, "x"u8));
        Assert.True(_flow.SetAttribute("n3"u8, "x"u8));
        Assert.Equal(Flow.MaxAttributeValueBytes, _flow.Attributes!.Value.Length);
        Assert.Equal(Flow.MaxAttributes, All().Count);
    }

    [Fact]
    public void SetAttribute_SameOfManyFlows_IsSharedUntilItChanges()
    {
        var other = new Flow(_flow.Key, number: 2, timestampNs: 0);
        _flow.SetAttribute("Host"u8, "www.example.com"u8);
        other.SetAttribute("Host"u8, "www.example.com"u8);
        Assert.Same(_flow.Attributes, other.Attributes);

        other.SetAttribute("Host"u8, "example.org"u8);
        other.SetAttribute("Mood"u8, "good"u8);
        Assert.Equal(["Host=www.example.com"], All());
        Assert.Equal(["Host=example.org", "Mood=good"], All(other));
    }

    private List<string> All() => All(_flow);

    private static List<string> All(Flow flow)
    {
        var all = new List<string>();
        for (FlowAttribute? each = flow.Attributes; each is not null; each = each.Next)
            all.Add($"{Encoding.ASCII.GetString(each.Name)}={Encoding.ASCII.GetString(each.Value)}");
        return all;
    }
}

using Spillway.Net.Flows;

namespace Spillway.Net.Tests.Flows;

public class FlowApplicationTests
{
    [Theory]
    [InlineData(FlowApplications.None, "")]
    [InlineData(FlowApplications.FtpData, "ftp-data")]
    [InlineData(FlowApplications.Http | FlowApplications.Tls, "http,tls")]
    [InlineData(FlowApplications.Smtp | FlowApplications.Tls, "smtp,tls")]
    [InlineData(FlowApplications.Imap | FlowApplications.Tls, "imap,tls")]
    public void Text_HasTheOutermostFirst(FlowApplications applications, string expected) => Assert.Equal(expected, applications.ToText());
}

using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>Receives what an <c>FtpConnection</c> observes. Given as a type parameter.</summary>
public interface IFtpHandler
{
    /// <summary>The server has let a user in.</summary>
    /// <param name="flow">The control connection.</param>
    /// <param name="user">The user's name as sent.</param>
    void OnLogin(Flow flow, string user);

    /// <summary>
    /// The server has replied to a command that needs a data connection, for the last time: <see cref="FtpTransfer.Code"/> says whether it
    /// went well.
    /// </summary>
    void OnTransferEnd(FtpTransfer transfer);
}

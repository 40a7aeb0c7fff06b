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

    /// <summary>
    /// An address of a data connection was announced that is not the one of the end that announces it: a bounce, a transfer between two
    /// servers, or an address behind translation. The first of a control connection.
    /// </summary>
    void OnForeignAddress(FtpTransfer transfer);

    /// <summary>
    /// The last reply to a command has come, or nothing more comes; if <see cref="FtpObserver.TakesExchanges"/>. The exchange may be kept.
    /// </summary>
    void OnExchange(Flow flow, FtpExchange exchange);
}

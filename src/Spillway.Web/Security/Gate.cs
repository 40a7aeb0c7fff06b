using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Spillway.Web.Security;

/// <summary>Lets people in: by the token of the start, or by name and password if there is a list of users.</summary>
internal sealed class Gate(Users? users, bool isSecure, Func<int> port) : IDisposable
{
    private readonly Sessions _sessions = new();
    private readonly LoginLimit _limit = new();
    private readonly SemaphoreSlim _hashing = new(1, 1);

    /// <summary>The token that the start's address has; of no use with a list of users.</summary>
    public string Token { get; } = Sessions.NewSecret()[..32];

    /// <summary>Whether there is a list of users.</summary>
    public bool HasUsers => users is not null;

    // Cookies are shared by all ports of a host: each server has one of its own.
    private string CookieName => $"spillway-{port()}";

    /// <summary>Who asks; null for a stranger.</summary>
    public Session? Find(HttpContext context) => _sessions.Find(context.Request.Cookies[CookieName]);

    /// <summary>Tries a token.</summary>
    /// <returns>Whether it is the right one; then the answer has a cookie.</returns>
    public bool TryToken(HttpContext context, string token)
    {
        if (users is not null || !_limit.MayTry(context.Connection.RemoteIpAddress))
            return false;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Token)))
        {
            _limit.Failed(context.Connection.RemoteIpAddress);
            return false;
        }

        Begin(context, "", Role.Admin);
        return true;
    }

    /// <summary>Tries a name with its password. One at a time: a password costs a processor some tenths of a second.</summary>
    /// <returns>Null if it was right, else what to say.</returns>
    public async Task<string?> TryPassword(HttpContext context, string name, string password)
    {
        if (users is null)
            return "there is no list of users: open the address that was printed at the start";
        await _hashing.WaitAsync(context.RequestAborted);
        try
        {
            if (!_limit.MayTry(context.Connection.RemoteIpAddress))
                return "too many failures: wait a minute";
            if (users.Check(name, password) is { } role)
            {
                Begin(context, name, role);
                return null;
            }

            _limit.Failed(context.Connection.RemoteIpAddress);
            return "name or password is wrong";
        }
        finally
        {
            _hashing.Release();
        }
    }

    /// <summary>Ends a session.</summary>
    public void Leave(HttpContext context)
    {
        _sessions.End(context.Request.Cookies[CookieName]);
        context.Response.Cookies.Delete(CookieName, Cookie());
    }

    /// <summary>Whether a request that changes something was made by our own page, for somebody who may.</summary>
    public static bool MayChange(HttpContext context, Session session, string? formToken)
    {
        string? site = context.Request.Headers["Sec-Fetch-Site"];
        return session.IsAdmin
            && site is null or "same-origin"
            && formToken is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(formToken), Encoding.UTF8.GetBytes(session.FormToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _hashing.Dispose();

    private void Begin(HttpContext context, string user, Role role) =>
        context.Response.Cookies.Append(CookieName, _sessions.Begin(user, role), Cookie());

    private CookieOptions Cookie() =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = isSecure,
            Path = "/",
        };
}

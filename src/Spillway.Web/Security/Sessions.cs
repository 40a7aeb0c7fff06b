using System.Diagnostics;
using System.Security.Cryptography;

namespace Spillway.Web.Security;

/// <summary>Somebody who is let in.</summary>
/// <param name="User">The name; empty for whoever had the token.</param>
/// <param name="Role">What may be done.</param>
/// <param name="FormToken">What forms that change something carry: other sites cannot know it.</param>
internal sealed record Session(string User, Role Role, string FormToken)
{
    /// <summary>Whether something may be changed.</summary>
    public bool IsAdmin => Role == Role.Admin;
}

/// <summary>Who is let in, by the secret of a cookie. In memory only: a new start asks anew.</summary>
internal sealed class Sessions
{
    /// <summary>Most sessions; beyond it the one that was used longest ago ends.</summary>
    public const int MaxSessions = 256;

    private const int SecretBytes = 32;

    private static readonly TimeSpan IdleEnd = TimeSpan.FromHours(12);

    private readonly Dictionary<string, (Session Session, long UsedAt)> _sessions = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>A secret that nobody guesses, in letters that need no escaping.</summary>
    public static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Lets somebody in.</summary>
    /// <returns>The cookie's value.</returns>
    public string Begin(string user, Role role)
    {
        string secret = NewSecret();
        lock (_gate)
        {
            if (_sessions.Count >= MaxSessions)
                _sessions.Remove(_sessions.MinBy(pair => pair.Value.UsedAt).Key);
            _sessions[secret] = (new Session(user, role, NewSecret()), Stopwatch.GetTimestamp());
        }

        return secret;
    }

    /// <summary>Whose cookie it is; null if nobody's.</summary>
    public Session? Find(string? secret)
    {
        if (secret is null)
            return null;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(secret, out (Session Session, long UsedAt) found))
                return null;
            if (Stopwatch.GetElapsedTime(found.UsedAt) > IdleEnd)
            {
                _sessions.Remove(secret);
                return null;
            }

            _sessions[secret] = (found.Session, Stopwatch.GetTimestamp());
            return found.Session;
        }
    }

    /// <summary>Ends a session.</summary>
    public void End(string? secret)
    {
        if (secret is null)
            return;
        lock (_gate)
            _sessions.Remove(secret);
    }
}

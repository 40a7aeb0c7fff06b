using Spillway.Web.Html;

namespace Spillway.Web.Pages;

/// <summary>What strangers see.</summary>
internal static class LoginPage
{
    /// <summary>Makes it.</summary>
    public static Markup Make(bool hasUsers, string? wrong, string? next, string assets)
    {
        Markup problem = Markup.If(wrong is not null, () => Markup.Of($"<p class=\"warning\" role=\"alert\">{wrong}</p>"));
        if (!hasUsers)
        {
            return Layout.Bare(
                "Spillway",
                Markup.Of(
                    $"""
                    {problem}<p>Open the address that 'spillway' printed at its start: it has the token that lets you in. It stands in the journal of a
                    service: <code>journalctl -u spillway -g token</code>.</p>
                    <form class="login" method="get" action="/"><label>Token <input name="token" type="password" autocomplete="off" required></label>
                    <button>Go on</button></form>
                    """
                ),
                assets
            );
        }

        return Layout.Bare(
            "Spillway",
            Markup.Of(
                $"""
                {problem}<form class="login" method="post" action="/login"><input type="hidden" name="next" value="{next}">
                <label>Name <input name="name" autocomplete="username" required autofocus></label>
                <label>Password <input name="password" type="password" autocomplete="current-password" required></label><button>Log in</button></form>
                """
            ),
            assets
        );
    }
}

using Spillway.Life.Native;

namespace Spillway.Life;

/// <summary>The user whose process the program becomes when root has started it, as <c>NAME[:GROUP]</c> names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its number.</param>
/// <param name="Group">The number of its group.</param>
internal sealed record RunUser(string Name, uint Id, uint Group)
{
    /// <summary>Looks a user up; null if none is named.</summary>
    /// <exception cref="IOException">There is no such user or group, it is root, or root has not started the program.</exception>
    public static RunUser? Find(string? text)
    {
        if (text is null)
            return null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string? group = colon < 0 ? null : text[(colon + 1)..];
        (uint User, uint Group) found =
            UserCalls.FindUser(name) ?? throw new IOException($"there is no user '{name}' for --user: getent passwd lists those there are");
        uint groupId = group is null
            ? found.Group
            : UserCalls.FindGroup(group)
                ?? throw new IOException($"there is no group '{group}' for --user: getent group lists those there are");
        if (found.User == 0)
            throw new IOException($"--user {name} gives nothing up: name a user without root's rights");
        if (UserCalls.User != 0)
            throw new IOException($"--user {text} needs a start as root, who alone may become another user: leave it out, or use sudo");
        return new RunUser(name, found.User, groupId);
    }

    /// <summary>Makes a directory for the user, if it is missing: it could not make one in a place of root's. Called as root.</summary>
    public void Make(string? directory)
    {
        if (directory is null || Path.Exists(directory))
            return;
        try
        {
            Directory.CreateDirectory(directory);
            UserCalls.TryGive(directory, Id, Group);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Whoever opens it says so.
        }
    }

    /// <summary>Gives the user a file that was opened as root and will be opened again. Called as root.</summary>
    public void Give(string? file)
    {
        if (file is not null)
            _ = UserCalls.TryGive(file, Id, Group);
    }

    /// <summary>Becomes the user for good, on all threads of the process.</summary>
    /// <param name="keepsCapture">Whether the calling thread alone keeps the right to capture.</param>
    /// <exception cref="IOException">The system refuses.</exception>
    public void Become(bool keepsCapture)
    {
        if (UserCalls.Become(Name, Id, Group, keepsCapture) is { } reason)
        {
            throw new IOException(
                $"cannot become user '{Name}': {reason}; a start as root needs CAP_SETUID and CAP_SETGID for that, or leave --user out"
            );
        }
    }

    /// <summary>Says so if the user may not read the program, or not write where it must. Called as that user.</summary>
    /// <exception cref="IOException">It may not.</exception>
    public void MustManageWith(string directory)
    {
        if (!UserCalls.CanReadIn(AppContext.BaseDirectory))
        {
            throw new IOException(
                $"user '{Name}' of --user cannot read the program in '{AppContext.BaseDirectory}': install it where that user may read"
            );
        }

        if (!UserCalls.CanWriteIn(directory))
        {
            throw new IOException(
                $"user '{Name}' of --user cannot write to the output directory '{directory}': type chown -R {Name} '{directory}', "
                    + "or choose another with -o DIR"
            );
        }
    }
}

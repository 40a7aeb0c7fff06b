namespace Spillway.Net.Files;

/// <summary>
/// Who may read what this process and the commands it starts create. It holds what people did: store, events, packets and extracted files
/// are their owner's alone unless somebody says otherwise. For the whole process; before anything is created.
/// </summary>
public static class FileMask
{
    /// <summary>The owner only: files 0600, directories 0700.</summary>
    public const int Private = 0x3F;

    /// <summary>Sets the mask.</summary>
    /// <param name="mask">Permissions that are taken away.</param>
    /// <param name="onlyTightens">Whether what the process's own mask takes away stays away.</param>
    public static void Set(int mask, bool onlyTightens)
    {
        uint former = PosixFile.SetMask((uint)mask);
        if (onlyTightens)
            PosixFile.SetMask((uint)mask | former);
    }
}

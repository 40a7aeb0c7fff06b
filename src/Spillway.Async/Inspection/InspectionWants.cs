namespace Spillway.Async.Inspection;

/// <summary>
/// What is to be found out about a file, and where it is: the first byte of the data of a <see cref="FileInspector"/>'s task.
/// </summary>
[Flags]
public enum InspectionWants : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its MIME type by its content.</summary>
    Type = 1,

    /// <summary>The type in words too, which takes as long again.</summary>
    Words = 4,

    /// <summary>Rules of YARA that it matches; only with <see cref="IsPath"/>.</summary>
    Scan = 2,

    /// <summary>The other bytes are its path; without this they are its first bytes.</summary>
    IsPath = 128,
}

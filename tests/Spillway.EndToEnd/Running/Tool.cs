namespace Spillway.EndToEnd.Running;

/// <summary>Programs of others that some tests need.</summary>
public static class Tool
{
    /// <summary>Whether a program is there.</summary>
    public static bool IsThere(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, name)));
}

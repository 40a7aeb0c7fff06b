using System.Reflection;

namespace Spillway.EndToEnd.Running;

/// <summary>Files of the repository that belong to what is tested and not to the tests.</summary>
public static class RepositoryFiles
{
    private static readonly string Root = typeof(RepositoryFiles)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(item => item.Key == "RepositoryRoot")
        .Value!;

    /// <summary>The path of one.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);
}

using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary><c>spillway guid</c>: GUIDs for groups, protocols and messages of one's own.</summary>
internal static class GuidCommand
{
    private const int MaxCount = 10_000;

    private static readonly Option<int> Count = new("--count", "-n")
    {
        Description = $"How many, 1 to {MaxCount}",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = WholeNumber.Always(1, MaxCount),
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("guid", "Make a GUID for a group, a protocol or a message of your own") { Count };
        command.SetAction(result =>
        {
            for (int left = result.GetValue(Count); left > 0; left--)
                Console.Out.WriteLine(NewGuid());
        });
        return command;
    }

    /// <summary>A new GUID in the canonical form of scripts: braces, upper case.</summary>
    public static string NewGuid() => Guid.NewGuid().ToString("B").ToUpperInvariant();
}

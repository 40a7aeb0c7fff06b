using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spillway.Life;
using Spillway.LuaJit;
using Spillway.Report;
using Spillway.Run;
using Spillway.Scripting.Authoring;
using Spillway.Scripting.Blocks;
using Spillway.Scripting.Loading;

namespace Spillway.CommandLine;

/// <summary><c>spillway scripts list</c>: what lies in directories of scripts.</summary>
internal static partial class ScriptsListCommand
{
    private static readonly Argument<string[]> Paths = new("DIR")
    {
        Description = "Directories, searched with all below them, or files",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("list", "Show what lies in directories of scripts: one row for each block, with what is wrong")
        {
            Paths,
            Json,
        };
        command.SetAction(result => Execute(result.GetValue(Paths)!, result.GetValue(Json)));
        return command;
    }

    private static int Execute(string[] paths, bool json)
    {
        var files = new ScriptFiles();
        foreach (string path in paths)
        {
            bool isThere = files.TryAdd(path, out string message);
            if (message.Length > 0)
                Console.Error.WriteLine($"{(isThere ? "warning" : "error")}: {message}");
            if (!isThere)
                return ExitCodes.Usage;
        }

        List<ScriptListing> listings;
        try
        {
            using var inspector = new ScriptInspector(
                ProbeConfiguration.Create(new RunOptions(), Path.GetTempPath(), makesDirectories: false)
            );
            listings = [.. files.Found.Select(file => List(inspector, file.Path, file.Named))];
        }
        catch (LuaException exception)
        {
            Console.Error.WriteLine("error: " + exception.Message);
            return ExitCodes.Failed;
        }

        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(listings.Select(Convert), ListJson.Default.IEnumerableFile));
        else
            Write(listings);
        return listings.Exists(listing => listing.Kind == ScriptFileKind.Broken) ? ExitCodes.ScriptErrors : ExitCodes.Good;
    }

    private static ScriptListing List(ScriptInspector inspector, string path, bool named)
    {
        try
        {
            return inspector.List(path, named);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ScriptListing
            {
                Path = path,
                Kind = ScriptFileKind.Broken,
                Problems = [$"cannot be read: {exception.Message}"],
            };
        }
    }

    private static void Write(List<ScriptListing> listings)
    {
        if (listings.Count == 0)
            return; // said when they were looked for
        TextTable table = new TextTable()
            .Text("file", 20)
            .Text("name", 12)
            .Fixed("side")
            .Fixed("block")
            .Text("description", 16)
            .Text("problems", 20);
        foreach (ScriptListing listing in listings)
        {
            string problems = string.Join("; ", listing.Problems);
            if (listing.Blocks.Count == 0)
            {
                string block = listing.Kind switch
                {
                    ScriptFileKind.Helper => "(module or tool)",
                    ScriptFileKind.Broken => "(not loaded)",
                    _ => "(no block)",
                };
                table.Row(listing.Path, listing.Title, "", block, listing.Description, problems);
            }

            foreach ((BlockType type, bool isRun) in listing.Blocks)
            {
                string own = isRun ? problems : string.Join("; ", listing.Problems.Append("not run by this version"));
                table.Row(listing.Path, listing.Title, SideOf(type), type.Name, listing.Description, own);
            }
        }

        table.Write(ReportConsole.ForStandardOutput(), new Spectre.Console.Style(decoration: Spectre.Console.Decoration.Dim));
    }

    private static string SideOf(BlockType type) => type.Side == ScriptSide.Frontend ? "FRONTEND" : "BACKEND";

    private static File Convert(ScriptListing listing) =>
        new(
            listing.Path,
            listing.Kind switch
            {
                ScriptFileKind.Plugin => "plugin",
                ScriptFileKind.Helper => "helper",
                _ => "broken",
            },
            listing.Title,
            listing.Description,
            [.. listing.Blocks.Select(block => new Block(block.Type.Name, SideOf(block.Type), block.IsRun))],
            listing.Problems
        );

    private sealed record Block(string Type, string Side, bool IsRun);

    private sealed record File(
        string Path,
        string Kind,
        string Name,
        string Description,
        IReadOnlyList<Block> Blocks,
        IReadOnlyList<string> Problems
    );

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
    [JsonSerializable(typeof(IEnumerable<File>))]
    private sealed partial class ListJson : JsonSerializerContext;
}

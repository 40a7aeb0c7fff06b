using System.CommandLine;
using Spillway.Pipeline;

namespace Spillway.CommandLine;

/// <summary>The option of the documents that are written without a script.</summary>
internal static class RecordsCommandLine
{
    private static readonly Option<string[]> Documents = new("--documents")
    {
        Description =
            "Write what is seen in the traffic as full-text documents: dns, tls (certificates), http (headers), all; may be given again",
        HelpName = "KIND",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds it to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Documents);
        Documents.AcceptOnlyFromAmong("dns", "tls", "http", "all");
    }

    /// <summary>What it asks for.</summary>
    public static DocumentKinds ToDocuments(ParseResult result) =>
        result
            .GetValue(Documents)!
            .Aggregate(DocumentKinds.None, (kinds, name) => kinds | Enum.Parse<DocumentKinds>(name, ignoreCase: true));
}

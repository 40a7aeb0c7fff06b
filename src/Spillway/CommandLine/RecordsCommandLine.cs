using System.CommandLine;
using Spillway.Pipeline;

namespace Spillway.CommandLine;

/// <summary>The options of what is recorded without a script.</summary>
internal static class RecordsCommandLine
{
    private static readonly Option<string[]> Documents = new("--documents")
    {
        Description =
            "Write what is seen in the traffic as full-text documents: dns, tls (certificates), http (headers), all; may be given again",
        HelpName = "KIND",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Transactions = new("--transactions")
    {
        Description = "Record in the store what clients ask servers for: http, dns, tls, several of them (http,dns), all, or none",
        HelpName = "KINDS",
        DefaultValueFactory = _ => "all",
    };

    private static readonly Option<int?> MaxTransactions = new("--max-transactions")
    {
        Description = "Most of them of each kind and lane; further ones are counted and left out [default: 10000000]",
        HelpName = "COUNT",
        CustomParser = WholeNumber.Between(0, int.MaxValue),
    };

    /// <summary>Adds them to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Transactions);
        command.Options.Add(MaxTransactions);
        if (Transactions.Validators.Count == 0)
        {
            Transactions.Validators.Add(result =>
            {
                if (KindsOf(result.GetValue(Transactions)) is null)
                    result.AddError(
                        "--transactions takes http, dns, tls, several of them with commas, all, or none, not "
                            + $"'{result.GetValue(Transactions)}'"
                    );
            });
        }

        command.Options.Add(Documents);
        Documents.AcceptOnlyFromAmong("dns", "tls", "http", "all");
    }

    /// <summary>What it asks for.</summary>
    public static DocumentKinds ToDocuments(ParseResult result) =>
        result
            .GetValue(Documents)!
            .Aggregate(DocumentKinds.None, (kinds, name) => kinds | Enum.Parse<DocumentKinds>(name, ignoreCase: true));

    /// <summary>The kinds of transactions to record.</summary>
    public static TransactionKinds ToTransactions(ParseResult result) => KindsOf(result.GetValue(Transactions))!.Value;

    /// <summary>Most transactions of a kind and lane; null for the usual number.</summary>
    public static int? ToMaxTransactions(ParseResult result) => result.GetValue(MaxTransactions);

    // Null if a name is unknown.
    private static TransactionKinds? KindsOf(string? names)
    {
        TransactionKinds? kinds = TransactionKinds.None;
        foreach (string name in (names ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            kinds |= name switch
            {
                "http" => TransactionKinds.Http,
                "dns" => TransactionKinds.Dns,
                "tls" => TransactionKinds.Tls,
                "all" => TransactionKinds.All,
                "none" => TransactionKinds.None,
                _ => (TransactionKinds?)null,
            };
        }

        return kinds;
    }
}

using System.CommandLine;
using Spillway.Questions;

namespace Spillway.CommandLine;

/// <summary><c>spillway runs</c>: what a store holds.</summary>
internal static class RunsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create() =>
        new Command(
            "runs",
            """
            The runs of a store, the last first: what each has read, when, and how much it was

            Questions are about the last run unless --run names another, or all.

            Examples:
              spillway runs
              spillway runs -o results --json
            """
        ).Asks((_, store, scope) => RunsQuestion.Ask(store, scope));
}

using System.CommandLine;
using Spillway.Life;
using Spillway.Net.Capture;
using Spillway.Report;

namespace Spillway.CommandLine;

/// <summary><c>spillway interfaces</c>: what can be captured, and why not.</summary>
internal static class InterfacesCommand
{
    private const int WidestNameCells = 32;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("interfaces", "List the interfaces of this machine, and whether packets can be captured from them");
        command.SetAction(_ => List());
        return command;
    }

    private static int List()
    {
        try
        {
            foreach (CaptureInterface one in CaptureInterface.All().Where(one => one.IsNetwork))
                Write(one);
            return ExitCodes.Good;
        }
        catch (CaptureException exception)
        {
            Console.Error.WriteLine("error: " + exception.Message);
            return ExitCodes.Failed;
        }
    }

    private static void Write(CaptureInterface one)
    {
        string[] facts =
        [
            one.State,
            one.Kind,
            one.WhyNot() is { } reason ? "cannot be captured: " + reason.ReplaceLineEndings(" ") : "can be captured",
            string.Join(' ', one.Addresses),
            one.Description,
            one.Offloads is { Count: > 0 } joining && one.Kind != CaptureInterface.Loopback
                ? "joins segments: " + string.Join(' ', joining)
                : "",
        ];
        Console.Out.WriteLine(
            $"{SafeText.Fit(one.Name, WidestNameCells), -16} {SafeText.Clean(string.Join(", ", facts.Where(fact => fact.Length > 0)))}"
        );
    }
}

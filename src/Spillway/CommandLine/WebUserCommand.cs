using System.CommandLine;
using System.Text;
using Spillway.Life;
using Spillway.Web.Security;

namespace Spillway.CommandLine;

/// <summary><c>spillway web-user</c>: a line for the file of those who may see the pages.</summary>
internal static class WebUserCommand
{
    private const int LeastPassword = 8,
        MostPassword = 1024;

    private static readonly Argument<string> Name = new("NAME") { Description = "The user's name" };

    private static readonly Option<bool> Admin = new("--admin") { Description = "May also acknowledge alerts and write notes" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "web-user",
            """
            Print a line for --web-users: a user with a password, which is read from standard input

            Example:
              spillway web-user --admin ada >> /etc/spillway/users && chmod 600 /etc/spillway/users
            """
        )
        {
            Name,
            Admin,
        };
        Name.Validators.Add(result =>
        {
            if (!Users.IsName(result.GetValue(Name) ?? ""))
                result.AddError("NAME has 1 to 64 letters, digits, and . - _ @");
        });
        command.SetAction(result => Print(result.GetValue(Name)!, result.GetValue(Admin) ? Role.Admin : Role.Reader));
        return command;
    }

    private static int Print(string name, Role role)
    {
        string password = Console.IsInputRedirected ? Console.In.ReadLine() ?? "" : Ask();
        if (password.Length is < LeastPassword or > MostPassword)
        {
            Console.Error.WriteLine($"error: a password has {LeastPassword} characters or more");
            return ExitCodes.Failed;
        }

        using var output = new StreamWriter(StandardStreams.OpenOutput());
        output.WriteLine(Users.Line(name, role, password));
        return ExitCodes.Good;
    }

    private static string Ask()
    {
        Console.Error.Write("Password: ");
        var text = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
                break;
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}

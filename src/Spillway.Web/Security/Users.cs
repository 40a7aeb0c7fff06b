using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Spillway.Web.Security;

/// <summary>
/// The users of a file, a line each: <c>name:role:rounds:salt:hash</c>, of PBKDF2 with SHA-256, salt and hash in Base64. Lines that begin
/// with # are comments.
/// </summary>
public sealed class Users
{
    private const int Rounds = 600_000,
        SaltBytes = 16,
        HashBytes = 32;

    private static readonly byte[] NoSalt = new byte[SaltBytes];

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private Users() { }

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Reads a file.</summary>
    /// <exception cref="WebException">It cannot be read, or a line is wrong.</exception>
    public static Users Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WebException($"--web-users '{path}' cannot be read: {exception.Message}");
        }

        if (OperatingSystem.IsLinux() && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != 0)
            throw new WebException($"--web-users '{path}' can be read by everybody: chmod 600 {path}");
        var users = new Users();
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (!users.TryAdd(line))
                throw new WebException($"{path}:{i + 1}: no user; 'spillway web-user NAME' prints a line");
        }

        return users.Count > 0
            ? users
            : throw new WebException($"--web-users '{path}' has no user; 'spillway web-user NAME' prints a line");
    }

    /// <summary>The line of a user.</summary>
    public static string Line(string name, Role role, string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Hash(password, salt, Rounds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name}:{Word(role)}:{Rounds}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(hash)}"
        );
    }

    /// <summary>Whether a text can be a user's name.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@');

    /// <summary>The role of whoever knows a password; null if it is wrong. Takes as long for names that are not there.</summary>
    public Role? Check(string name, string password)
    {
        Entry? entry = _entries.GetValueOrDefault(name);
        byte[] hash = Hash(password, entry?.Salt ?? NoSalt, entry?.Rounds ?? Rounds);
        return entry is not null && CryptographicOperations.FixedTimeEquals(hash, entry.Hash) ? entry.Role : null;
    }

    private static string Word(Role role) => role == Role.Admin ? "admin" : "reader";

    private static byte[] Hash(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA256, HashBytes);

    private bool TryAdd(string line)
    {
        string[] parts = line.Split(':');
        if (
            parts.Length != 5
            || !IsName(parts[0])
            || !Enum.TryParse(parts[1], ignoreCase: true, out Role role)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int rounds)
            || rounds is < 1000 or > 10_000_000
        )
            return false;
        byte[] salt = new byte[256],
            hash = new byte[256];
        if (
            !Convert.TryFromBase64String(parts[3], salt, out int saltLength) || !Convert.TryFromBase64String(parts[4], hash, out int length)
        )
            return false;
        return length == HashBytes && _entries.TryAdd(parts[0], new Entry(role, rounds, salt[..saltLength], hash[..length]));
    }

    private sealed record Entry(Role Role, int Rounds, byte[] Salt, byte[] Hash);
}

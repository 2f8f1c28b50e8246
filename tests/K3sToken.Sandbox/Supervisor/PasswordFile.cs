using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Who may log in to the supervisor with which password: <c>server/cred/passwd</c>.</summary>
internal sealed class PasswordFile
{
    public const string Server = "server";
    public const string Node = "node";

    private readonly Dictionary<string, (string Password, string Role)> _users = [];
    private bool _changed;

    private PasswordFile()
    {
    }

    /// <summary>What the file says; nobody where there is none.</summary>
    public static PasswordFile Read(string path)
    {
        PasswordFile file = new();
        if (!File.Exists(path))
        {
            return file;
        }

        foreach (IReadOnlyList<string> record in GoCsv.Read(File.ReadAllText(path)))
        {
            if (record.Count < 2)
            {
                throw new InvalidDataException(
                    $"password file '{path}' must have at least 2 columns (password, name), found {record.Count}");
            }

            file._users[record[1]] = (record[0], record.ElementAtOrDefault(3) ?? "");
        }

        return file;
    }

    public string? PasswordOf(string user) => _users.TryGetValue(user, out var entry) ? entry.Password : null;

    /// <summary>Gives a user a password. Of the secure form of the user's own token only the password is kept.</summary>
    public void Set(string user, string password)
    {
        string own = $"::{user}:";
        int at = password.IndexOf(own, StringComparison.Ordinal);
        if (at > 0 && password.StartsWith("K10", StringComparison.Ordinal))
        {
            password = password[(at + own.Length)..];
        }

        (string, string) entry = (password, user == Server ? "k3s:server" : "k3s:agent");
        _changed |= !_users.TryGetValue(user, out var before) || before != entry;
        _users[user] = entry;
    }

    /// <summary>Writes the file, unless nothing has changed.</summary>
    public void Write(string path)
    {
        if (_changed)
        {
            string text = GoCsv.Write(_users.OrderBy(user => user.Key, StringComparer.Ordinal)
                .Select(user => (IReadOnlyList<string>)[user.Value.Password, user.Key, user.Key, user.Value.Role]));
            PrivateFile.Write(path, text);
        }
    }
}

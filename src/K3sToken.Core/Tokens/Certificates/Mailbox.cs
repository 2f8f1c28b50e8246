using System;
using System.Linq;
using System.Text;

namespace K3sToken.Tokens.Certificates;

/// <summary>The two parts of an e-mail address in a certificate.</summary>
internal sealed record Mailbox(string Local, string Domain)
{
    private const string Special = "!#$%&'*+-/=?^_`{|}~.";

    /// <summary>Null for a text that Go does not take for an address.</summary>
    public static Mailbox? Read(string text)
    {
        StringBuilder local = new();
        int position = 0;
        bool isRead = text.StartsWith("\"", StringComparison.Ordinal)
            ? TryReadQuoted(text, ref position, local)
            : TryReadAtoms(text, ref position, local);
        if (!isRead || position >= text.Length || text[position] != '@')
        {
            return null;
        }

        string domain = text.Substring(position + 1);
        return DomainName.IsValid(domain) ? new Mailbox(local.ToString(), domain) : null;
    }

    private static bool TryReadQuoted(string text, ref int position, StringBuilder local)
    {
        position++;
        while (position < text.Length)
        {
            char c = text[position++];
            if (c == '"')
            {
                return true;
            }

            bool isEscaped = c == '\\';
            if (isEscaped)
            {
                if (position == text.Length)
                {
                    return false;
                }

                c = text[position++];
            }

            if (!(isEscaped ? IsEscapable(c) : IsQuotable(c)))
            {
                return false;
            }

            local.Append(c);
        }

        return false;
    }

    private static bool IsEscapable(char c) => (int)c is 11 or 12 or (>= 1 and <= 9) or (>= 14 and <= 127);

    private static bool IsQuotable(char c) =>
        (int)c is 11 or 12 or 32 or 33 or 127 or (>= 1 and <= 8) or (>= 14 and <= 31) or (>= 35 and <= 91) or (>= 93 and <= 126);

    private static bool TryReadAtoms(string text, ref int position, StringBuilder local)
    {
        while (position < text.Length)
        {
            char c = text[position];
            if (c == '\\')
            {
                if (++position == text.Length)
                {
                    return false;
                }
            }
            else if (!(c is (>= '0' and <= '9') or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') || Special.AsSpan().IndexOf(c) >= 0))
            {
                break;
            }

            local.Append(text[position++]);
        }

        return local.ToString().Split('.').All(atom => atom.Length > 0);
    }
}
